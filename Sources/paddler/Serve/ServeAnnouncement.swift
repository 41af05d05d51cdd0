import Balancer
import LlamaServer

/// What somebody who has started everything wants to know when it can be used.
struct ServeAnnouncement {
    let models: Models
    let addresses: ListeningAddresses
    var usesTLS: Bool
    var needsKey: Bool
    var hasDashboard: Bool

    enum Models {
        /// It is loaded.
        case single(String)
        /// They are loaded when requests ask for them. There is one at least.
        case onDemand([String])
    }

    var webUI: String { "\(usesTLS ? "https" : "http")://\(addresses.reverseProxy.fromHere)" }

    var text: String {
        let key = needsKey ? "-H 'Authorization: Bearer KEY' " : ""
        let trust = usesTLS ? "-k " : ""
        let dashboard = hasDashboard ? "The dashboard:  http://\(addresses.management.fromHere)/dashboard\n" : ""
        return """

            \(what) at \(webUI), in a browser, too. Try it:

              curl \(trust)\(webUI)/v1/chat/completions \(key)-H 'Content-Type: application/json' \
            -d '{\(model)"messages":[{"role":"user","content":"Hello"}]}'

            \(dashboard)Ctrl-C stops everything.

            """
    }

    private var what: String {
        switch models {
        case .single(let name): "\(name) is served"
        case .onDemand(let names) where names.count == 1: "\(names[0]) is served, loaded on demand,"
        case .onDemand(let names):
            "\(names.count) models are served, loaded on demand (\(Self.list(names))),"
        }
    }

    /// What the request has to say.
    private var model: String {
        guard case .onDemand(let names) = models, let first = names.first else { return "" }
        let quoted = first.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("'", with: "'\\''")
        return "\"model\":\"\(quoted)\","
    }

    private static func list(_ names: [String]) -> String {
        let most = 8
        let listed = names.prefix(most).joined(separator: ", ")
        return names.count > most ? "\(listed) and \(names.count - most) more" : listed
    }
}
