/// A number of 256 bits.
struct Number256: Equatable {
    /// The lowest bits first.
    private var words = SIMD4<UInt64>()

    init(_ number: UInt64) {
        words[0] = number
    }

    /// - Parameter bytes: 32, the highest first.
    init(bytes: [UInt8]) {
        for (index, byte) in bytes.reversed().enumerated() {
            words[index / 8] |= UInt64(byte) << (index % 8 * 8)
        }
    }

    /// - Parameter words: 64 bits each, the highest first, as standards print them.
    init(_ words: UInt64...) {
        for (index, word) in words.reversed().enumerated() { self.words[index] = word }
    }

    static func random() -> Number256 {
        Number256(
            .random(in: 0...UInt64.max),
            .random(in: 0...UInt64.max),
            .random(in: 0...UInt64.max),
            .random(in: 0...UInt64.max)
        )
    }

    /// 32 bytes, the highest first.
    var bytes: [UInt8] {
        (0..<32).reversed().map { UInt8(truncatingIfNeeded: words[$0 / 8] >> ($0 % 8 * 8)) }
    }

    subscript(index: Int) -> UInt64 { words[index] }

    func hasBit(_ bit: Int) -> Bool { words[bit / 64] >> (bit % 64) & 1 == 1 }

    func adding(_ other: Number256) -> (sum: Number256, carry: UInt64) { adding(other, times: 1) }

    func adding(_ other: Number256, times factor: UInt64) -> (sum: Number256, carry: UInt64) {
        var sum = self
        var carry: UInt64 = 0
        for index in 0..<4 {
            // No more than 2^128 - 1, even with all bits set.
            let total = UInt128(other[index]) * UInt128(factor) + UInt128(self[index]) + UInt128(carry)
            sum.words[index] = UInt64(truncatingIfNeeded: total)
            carry = UInt64(truncatingIfNeeded: total >> 64)
        }
        return (sum, carry)
    }

    func subtracting(_ other: Number256) -> (difference: Number256, borrow: UInt64) {
        var difference = self
        var borrow: UInt64 = 0
        for index in 0..<4 {
            let (first, below) = self[index].subtractingReportingOverflow(other[index])
            let (second, belowAgain) = first.subtractingReportingOverflow(borrow)
            difference.words[index] = second
            borrow = below || belowAgain ? 1 : 0
        }
        return (difference, borrow)
    }

    /// Without the lowest word, and with another at the top.
    func shiftedDown(with top: UInt64) -> Number256 {
        Number256(top, words[3], words[2], words[1])
    }
}
