import NIOCore
import NIOHTTP1

/// What one request asks of the server: the flags' defaults, changed by its `X-Fake-` headers and standing faults.
struct Script: Sendable {
    /// No answer is larger, whatever is asked for.
    static let mostBytes = 256 << 20

    var tokens: Int
    var tokenDelay: TimeAmount
    var delay: TimeAmount
    var answerBytes: Int
    var eventBytes: Int
    var status = 200
    var fault: FaultKind?
    var afterTokens = 3
    var wantsEcho = false
    var wantsClose = false

    init(defaults: ServerOptions) {
        tokens = defaults.tokens
        tokenDelay = defaults.tokenDelay.amount
        delay = defaults.delay.amount
        answerBytes = defaults.answerBytes
        eventBytes = defaults.eventBytes
    }

    /// - Returns: what is wrong with the first header that makes no sense.
    mutating func apply(_ headers: HTTPHeaders) -> String? {
        for (name, value) in headers where name.utf8.count > 7 {
            guard name.utf8.first.map({ $0 | 0x20 }) == UInt8(ascii: "x") else { continue }
            let lowercased = name.lowercased()
            guard lowercased.hasPrefix("x-fake-") else { continue }
            guard apply(lowercased.dropFirst(7), value) else { return "\(name): \(value) makes no sense" }
        }
        return nil
    }

    private mutating func apply(_ name: Substring, _ value: String) -> Bool {
        if name == "fault" {
            fault = FaultKind(rawValue: value)
            return fault != nil
        }
        guard let number = Int(value), number >= 0, number <= 1 << 40 else { return false }
        switch name {
        case "tokens": tokens = number
        case "token-delay-ms": tokenDelay = .milliseconds(Int64(number))
        case "delay-ms": delay = .milliseconds(Int64(number))
        case "answer-bytes": answerBytes = min(number, Self.mostBytes)
        case "event-bytes": eventBytes = min(number, Self.mostBytes)
        case "status":
            guard (200...599).contains(number) else { return false }
            status = number
        case "after-tokens": afterTokens = number
        case "echo": wantsEcho = number > 0
        case "close": wantsClose = number > 0
        default: return false
        }
        return true
    }
}
