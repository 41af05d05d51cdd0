/// Endpoints that not everybody who may ask for completions should reach.
public enum GuardedEndpoint: Hashable, Sendable, CaseIterable {
    /// `/slots` and what is below it: shows who asks for what, and can erase or overwrite prompt caches.
    case slots
    /// `/v1/stream`, `/v1/streams` and `/v1/chat/completions/control`: whoever knows a conversation's id reads, ends or steers its
    /// answer, whatever key it was asked for with.
    case streams
    /// What changes a server for everybody (`/props`, `/lora-adapters`, `/models`) or reaches beyond it (`/tools`,
    /// `/cors-proxy`).
    case administration
}

extension Endpoint {
    /// Whether a request is for one of these, in whatever spelling.
    ///
    /// Wider than llama-server's own comparison (see ``Endpoint``): something more forgiving may stand between us.
    ///
    /// - Parameters:
    ///   - isReading: whether the method is GET, HEAD or OPTIONS.
    ///   - path: the target's path as it came, without its query.
    public static func guarded(isReading: Bool, path: borrowing Span<UInt8>) -> GuardedEndpoint? {
        let segments = ServedPath.plainSegments(of: path)
        guard let first = segments.first else { return nil }
        switch first {
        case "slots": return .slots
        case "v1": return isStream(segments.dropFirst()) ? .streams : nil
        case "tools", "cors-proxy": return .administration
        case "props", "lora-adapters", "models": return isReading ? nil : .administration
        default: return nil
        }
    }

    /// - Parameter segments: those behind `/v1`.
    private static func isStream(_ segments: ArraySlice<String>) -> Bool {
        guard let first = segments.first else { return false }
        return first.hasPrefix("stream") || Array(segments) == ["chat", "completions", "control"]
    }
}
