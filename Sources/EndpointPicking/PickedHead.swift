import ExtProcMessages
import PickRules

/// Which fields of a head count where Envoy tells it.
enum PickedHead {
    /// - Parameter body: what of it is told.
    static func keeps(_ field: HeaderFields.Field, _ body: PickStart.Body) -> Bool {
        switch field.name {
        case "content-length", "transfer-encoding", "trailer":
            // It is as long as what is told of it.
            body == .told && field.name == "content-length"
        // Envoy sees to that.
        case "expect", "connection", "keep-alive", "upgrade", "proxy-connection", "te", "http2-settings": false
        case PickStart.attemptIDField, PickStart.attemptCountField: false
        default: true
        }
    }
}
