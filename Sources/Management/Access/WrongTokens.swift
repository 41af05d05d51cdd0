import AccessControl
import Scheduling

/// Who shows wrong tokens, how often: decides how long each refusal takes, and when it is worth a line in the log.
///
/// A right token is never held up, wherever it comes from: who shares an address with somebody who guesses is let in at once.
struct WrongTokens {
    struct Refusal: Equatable {
        /// How long the answer is held back; nil: too many answers are being held back already.
        let pause: Duration?
        /// How many refusals the log is to tell of; nil: it has told of this address a moment ago.
        let said: Int?
    }

    /// So many come from a program with an old token, too.
    static let free = 5
    static let pause: Duration = .seconds(1)
    /// Answers to one address that are held back at one time.
    static let mostHeld = 16
    /// After so long without a wrong one, an address begins anew; and at most one line about it in this time.
    static let memory: Duration = .seconds(60)
    static let silence: Duration = .seconds(10)
    /// Beyond it, the address that was heard of least lately is forgotten.
    static let limit = 1024
    /// Lines about all addresses together within ``silence``.
    static let mostLines = 16

    private struct Guesser {
        var count = 0
        var held = 0
        var unsaid = 0
        var lastSeen: Instant
        var lastSaid: Instant?
    }

    /// By network; what has no address is one.
    private var guessers: [IPAddress?: Guesser] = [:]
    private var lines: (since: Instant, count: Int)?

    var count: Int { guessers.count }

    /// Each refusal with a pause is followed by ``released(_:)``.
    mutating func refused(_ address: IPAddress?, at now: Instant) -> Refusal {
        let network = address?.network
        var guesser = guessers[network] ?? Guesser(lastSeen: now)
        if now - guesser.lastSeen > Self.memory { guesser.count = 0 }
        guesser.lastSeen = now
        guesser.count += 1
        guesser.unsaid += 1
        let said = mayBeSaid(guesser, at: now) ? guesser.unsaid : nil
        if said != nil {
            guesser.unsaid = 0
            guesser.lastSaid = now
        }
        var pause: Duration? = .zero
        if guesser.count > Self.free {
            pause = guesser.held < Self.mostHeld ? Self.pause : nil
            if pause != nil { guesser.held += 1 }
        }
        guessers[network] = guesser
        if guessers.count > Self.limit { forgetOne(but: network) }
        return Refusal(pause: pause, said: said)
    }

    /// An answer that was held back is sent.
    mutating func released(_ address: IPAddress?) {
        guard let held = guessers[address?.network]?.held, held > 0 else { return }
        guessers[address?.network]?.held = held - 1
    }

    private mutating func mayBeSaid(_ guesser: Guesser, at now: Instant) -> Bool {
        if let last = guesser.lastSaid, now - last < Self.silence { return false }
        var lines = lines ?? (now, 0)
        if now - lines.since >= Self.silence { lines = (now, 0) }
        guard lines.count < Self.mostLines else { return false }
        self.lines = (lines.since, lines.count + 1)
        return true
    }

    private mutating func forgetOne(but network: IPAddress?) {
        let oldest = guessers.filter { $0.key != network }.min { $0.value.lastSeen < $1.value.lastSeen }
        if let oldest { guessers[oldest.key] = nil }
    }
}
