/// Appending the pieces of a head, a dozen of them, to room that was made for all: each write to a `ByteBuffer` costs more
/// than it copies.
///
/// A piece that finds no room ends the process, as an index beyond an array's end does: who makes the room says why it is
/// enough.
extension OutputRawSpan {
    @inline(__always)
    mutating func append(_ source: RawSpan) {
        source.withUnsafeBytes { append($0) }
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// 16 digits.
    mutating func appendHex(_ value: UInt64) {
        append(Self.hexDigits(of: UInt32(truncatingIfNeeded: value >> 32)).bigEndian, as: UInt64.self)
        append(Self.hexDigits(of: UInt32(truncatingIfNeeded: value)).bigEndian, as: UInt64.self)
    }

    /// Eight at a time: every request has 32, and so has its answer.
    private static func hexDigits(of value: UInt32) -> UInt64 {
        var word = UInt64(value)
        word = (word & 0xFFFF_0000) << 16 | word & 0xFFFF
        word = (word & 0xFF00_0000_FF00) << 8 | word & 0x00FF_0000_00FF
        word = (word & 0x00F0_00F0_00F0_00F0) << 4 | word & 0x000F_000F_000F_000F
        // A byte for each digit now; those from ten on carry into their high half when six is added.
        let isLetter = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return word &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27
    }

    @inline(__always)
    private mutating func append(_ source: UnsafeRawBufferPointer) {
        precondition(source.count <= freeCapacity, "no room for a piece of a head")
        withUnsafeMutableBytes { target, count in
            UnsafeMutableRawBufferPointer(rebasing: target[count..<target.count]).copyMemory(from: source)
            count += source.count
        }
    }
}
