import Balancer
import LlamaServer

/// What somebody who has started everything wants to know when it can be used.
struct ServeAnnouncement {
    let model: String
    let addresses: ListeningAddresses
    var usesTLS: Bool
    var needsKey: Bool
    var hasDashboard: Bool

    var webUI: String { "\(usesTLS ? "https" : "http")://\(addresses.reverseProxy.fromHere)" }

    var text: String {
        let key = needsKey ? "-H 'Authorization: Bearer KEY' " : ""
        let trust = usesTLS ? "-k " : ""
        let dashboard = hasDashboard ? "The dashboard:  http://\(addresses.management.fromHere)/dashboard\n" : ""
        return """

            \(model) is served at \(webUI), in a browser, too. Try it:

              curl \(trust)\(webUI)/v1/chat/completions \(key)-H 'Content-Type: application/json' \
            -d '{"messages":[{"role":"user","content":"Hello"}]}'

            \(dashboard)Ctrl-C stops everything.

            """
    }
}
