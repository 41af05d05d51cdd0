import AgentProtocol
import LlamaServer

extension Condition {
    /// llama-server with several models, which it passes requests on to.
    static var router: Condition {
        .unexpected(
            "it runs in router mode, for several models, which is not served: start a llama-server with -m for each model, "
                + "and an agent beside each"
        )
    }

    /// What an answer other than 200 says of the server.
    init(refusing probe: Probe, status: Int, body: [UInt8]) {
        let error = try? ErrorReply(json: body)
        switch status {
        case 401:
            self = .unauthorized
        case 501 where probe == .slots:
            self = .slotsDisabled
        case 503 where error?.type == "unavailable_error" || Self.speaksOfLoading(body):
            self = .loading
        case 400 where probe == .slots && error?.message.contains("model") == true:
            // A router has slots of one of its models only, and wants its name.
            self = .router
        default:
            let message = error.map { ": \($0.message)" } ?? ""
            // Behind a prefix, llama-server has no path without it.
            let isBehindPrefix = probe == .health && status == 404
            let remark = isBehindPrefix ? "; pass its --api-prefix to the agent as --llamacpp-api-prefix" : ""
            self = .unexpected("GET \(probe.path) answered \(status)\(message)\(remark)")
        }
    }

    /// Older builds answer `{"status":"loading model"}`.
    private static func speaksOfLoading(_ body: [UInt8]) -> Bool {
        String(decoding: body.prefix(256), as: UTF8.self).lowercased().contains("loading model")
    }
}
