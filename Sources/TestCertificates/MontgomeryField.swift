/// Numbers below an odd prime of 256 bits, as the products with 2^256 that are multiplied without a division.
///
/// P. L. Montgomery, "Modular Multiplication Without Trial Division".
struct MontgomeryField {
    let prime: Number256
    /// -1 / prime, below 2^64.
    private let factor: UInt64
    /// 2^512.
    private let square: Number256
    let one: Number256

    init(prime: Number256) {
        self.prime = prime
        // Each step doubles the bits that are right, beginning with three.
        var inverse = prime[0]
        for _ in 0..<5 { inverse = inverse &* (2 &- prime[0] &* inverse) }
        factor = 0 &- inverse
        var power = Number256(1)
        for _ in 0..<256 { power = Self.sum(power, power, prime) }
        one = power
        for _ in 0..<256 { power = Self.sum(power, power, prime) }
        square = power
    }

    func entering(_ number: Number256) -> Number256 { product(number, square) }

    func leaving(_ number: Number256) -> Number256 { product(number, Number256(1)) }

    func sum(_ left: Number256, _ right: Number256) -> Number256 { Self.sum(left, right, prime) }

    func difference(_ left: Number256, _ right: Number256) -> Number256 {
        let (difference, borrow) = left.subtracting(right)
        return borrow == 0 ? difference : difference.adding(prime).sum
    }

    func product(_ left: Number256, _ right: Number256) -> Number256 {
        var low = Number256(0)
        var high: UInt64 = 0
        for index in 0..<4 {
            let row = low.adding(left, times: right[index])
            let (top, overflow) = high.addingReportingOverflow(row.carry)
            let multiple = row.sum[0] &* factor
            let reduced = row.sum.adding(prime, times: multiple)
            low = reduced.sum.shiftedDown(with: top &+ reduced.carry)
            high = (overflow ? 1 : 0) &+ (top.addingReportingOverflow(reduced.carry).overflow ? 1 : 0)
        }
        let (difference, borrow) = low.subtracting(prime)
        return high != 0 || borrow == 0 ? difference : low
    }

    /// Fermat: the power of the prime less two.
    func inverse(_ number: Number256) -> Number256 {
        let exponent = prime.subtracting(Number256(2)).difference
        var result = one
        for bit in (0..<256).reversed() {
            result = product(result, result)
            if exponent.hasBit(bit) { result = product(result, number) }
        }
        return result
    }

    private static func sum(_ left: Number256, _ right: Number256, _ prime: Number256) -> Number256 {
        let (sum, carry) = left.adding(right)
        let (difference, borrow) = sum.subtracting(prime)
        return carry != 0 || borrow == 0 ? difference : sum
    }
}
