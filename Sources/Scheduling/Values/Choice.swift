/// Why a request goes to its upstream.
///
/// Its description is what clients and operators are told, the ground and what belongs to it, in the form of an item of RFC
/// 9651: `prompt;cached=5120;of=8000`.
public struct Choice: Hashable, Sendable {
    public enum Ground: String, Sendable, CaseIterable {
        /// No other upstream of its model is usable.
        case only
        /// Of the idle upstreams it has most of the prompt, or as much as any.
        case prompt
        /// It had the last request of the same session.
        case session
        /// None that is idle is known to have anything of the prompt: the one with the smallest share of its slots in use.
        case leastBusy = "least-busy"
        /// The same by ``Balance/mostIdle``: the one with most idle slots.
        case mostIdle = "most-idle"
        /// None was idle, and this is where a slot became idle when the request's turn came.
        case firstIdle = "first-idle"
        /// It waited for this upstream, which had much more of its prompt than an idle one.
        case held
        /// Its client has named it.
        case named
        /// Of a request that needs no slot: what it is about is there and nowhere else.
        case owner
    }

    public let ground: Ground
    /// In bytes, how much of the prompt was expected to be found there; 0: nothing, or nobody looked.
    public var promptFound = 0
    /// Of how many.
    public var promptBytes = 0
    /// How long the request waited, all waits together; nil: it got its slot at once.
    public var waited: Duration?
    /// How many slots it takes.
    public var slots = 1
    /// Which attempt it is, from 1.
    public var attempt = 1

    public init(ground: Ground) {
        self.ground = ground
    }
}

extension Choice: CustomStringConvertible {
    public var description: String {
        var text = ground.rawValue
        if let waited { text += ";waited=\(Self.seconds(waited))" }
        if promptFound > 0 { text += ";cached=\(promptFound);of=\(promptBytes)" }
        if slots > 1 { text += ";slots=\(slots)" }
        if attempt > 1 { text += ";attempt=\(attempt)" }
        return text
    }

    /// RFC 9651 3.3.2: a decimal has three digits behind its point at most.
    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = max(0, duration / .milliseconds(1)).rounded()
        let whole = Int(min(milliseconds, 0x1p53))
        let digits = String(whole % 1000)
        return "\(whole / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }
}
