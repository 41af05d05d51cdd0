/// Endpoints that not everybody who may ask for completions should reach.
public enum GuardedEndpoint: Hashable, Sendable, CaseIterable {
    /// `/slots` and what is below it: shows who asks for what, and can erase or overwrite prompt caches.
    case slots
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
        case "tools", "cors-proxy": return .administration
        case "props", "lora-adapters", "models": return isReading ? nil : .administration
        default: return nil
        }
    }
}
