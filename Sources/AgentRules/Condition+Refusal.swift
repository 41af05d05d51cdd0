import AgentProtocol
import LlamaServer

extension Condition {
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
        default:
            let message = error.map { ": \($0.message)" } ?? ""
            self = .unexpected("GET \(probe.path) answered \(status)\(message)")
        }
    }

    /// Older builds answer `{"status":"loading model"}`.
    private static func speaksOfLoading(_ body: [UInt8]) -> Bool {
        String(decoding: body.prefix(256), as: UTF8.self).lowercased().contains("loading model")
    }
}
