import Scheduling

extension AgentID {
    /// Longer than any name that a process makes for itself.
    static let maximumLength = 128

    /// - Throws: `RequestFailure` for what nobody would call itself.
    init(checking text: String?) throws(RequestFailure) {
        guard let text, (1...Self.maximumLength).contains(text.utf8.count), text.utf8.allSatisfy(Self.isPlain) else {
            throw .badRequest(
                "an agent's id is 1 to \(Self.maximumLength) letters, digits, dots, hyphens and underscores"
            )
        }
        self.init(rawValue: text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
