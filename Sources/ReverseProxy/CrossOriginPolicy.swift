import Synchronization

/// Which pages may read the answers that the balancer gives itself: those that may read a server's, as its own answers have
/// said in `Access-Control-Allow-Origin`.
///
/// llama-server decides by its `--cors-origins`: for any page by default, or for those of this machine, or of one origin. What it
/// said last to a page of an origin is what counts for that origin.
struct CrossOriginPolicy {
    enum Verdict: Equatable {
        /// `*`
        case anybody
        /// The page's own origin.
        case thisOrigin
        case nobody
    }

    /// Pages of more origins than this are hardly ever served by one fleet.
    static let maximumOrigins = 256

    private var verdicts: [[UInt8]: Verdict] = [:]
    /// From the one that was learnt first.
    private var order: [[UInt8]] = []
    private var hasRefused = false

    /// - Parameters:
    ///   - allowed: the value of `Access-Control-Allow-Origin` in a server's answer to a page of this origin; nil without one.
    ///   - origin: the value of `Origin`.
    mutating func learn(_ allowed: [UInt8]?, for origin: [UInt8]) {
        let verdict: Verdict = allowed == origin ? .thisOrigin : allowed == Array("*".utf8) ? .anybody : .nobody
        if verdict == .nobody { hasRefused = true }
        if verdicts.updateValue(verdict, forKey: origin) != nil { return }
        order.append(origin)
        if order.count > Self.maximumOrigins { verdicts[order.removeFirst()] = nil }
    }

    /// - Returns: nil when no server has said anything yet to a page of this origin.
    func learnt(for origin: [UInt8]) -> Verdict? { verdicts[origin] }

    /// For a short answer, an error as a rule. Before any server has refused a page, those of any origin may read it: that is
    /// llama-server's default.
    func verdict(for origin: [UInt8]) -> Verdict {
        verdicts[origin] ?? (hasRefused ? .nobody : .thisOrigin)
    }

    /// For a browser's question whether a page may ask. A page that no server has refused may: what comes of it, it can
    /// read only if the server says so.
    func preflightVerdict(for origin: [UInt8]) -> Verdict {
        verdicts[origin] ?? .thisOrigin
    }
}

/// The policy that all event loops share.
final class SharedCrossOriginPolicy: Sendable {
    private let policy = Mutex(CrossOriginPolicy())

    func withLock<Result: Sendable>(_ body: (inout CrossOriginPolicy) -> Result) -> Result {
        policy.withLock { body(&$0) }
    }
}
