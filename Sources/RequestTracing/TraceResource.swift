internal import RequestRecords

/// Whose spans they are.
public struct TraceResource: Equatable, Sendable {
    /// The program's.
    public let version: String
    /// No other process has the same.
    public let instance: String

    /// - Parameter random: 128 bits that no other process has.
    public init(version: String, random: (UInt64, UInt64)) {
        self.version = version
        var digits: [UInt8] = []
        digits.append(contentsOf: Self.hex(random.0 & ~0xF000 | 0x4000))
        digits.append(contentsOf: Self.hex(random.1 & ~(3 << 62) | 1 << 63))
        // RFC 9562 5.4.
        let ends = [8, 12, 16, 20, 32]
        let parts = zip([0] + ends, ends).map { String(decoding: digits[$0..<$1], as: UTF8.self) }
        instance = parts.joined(separator: "-")
    }

    private static func hex(_ number: UInt64) -> [UInt8] {
        var digits: [UInt8] = []
        digits.writeHex(number)
        return digits
    }
}
