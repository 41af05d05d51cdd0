/// A key of the curve P-256, for ECDSA (FIPS 186-5, SEC 1): slow, and with timings that tell everything of it.
///
/// For tests only, which would otherwise compile a second BoringSSL for this: a quarter of a clean build.
struct SigningKey {
    private static let field = MontgomeryField(
        prime: Number256(0xffff_ffff_0000_0001, 0, 0x0000_0000_ffff_ffff, 0xffff_ffff_ffff_ffff)
    )
    private static let order = MontgomeryField(
        prime: Number256(0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xbce6_faad_a717_9e84, 0xf3b9_cac2_fc63_2551)
    )
    private static let generator = Point(
        x: field.entering(
            Number256(0x6b17_d1f2_e12c_4247, 0xf8bc_e6e5_63a4_40f2, 0x7703_7d81_2deb_33a0, 0xf4a1_3945_d898_c296)
        ),
        y: field.entering(
            Number256(0x4fe3_42e2_fe1a_7f9b, 0x8ee7_eb4a_7c0f_9e16, 0x2bce_3357_6b31_5ece, 0xcbb6_4068_37bf_51f5)
        ),
        z: field.one
    )

    private let secret: Number256
    /// 4, x and y.
    let publicKey: [UInt8]

    init() {
        secret = Self.secret()
        let (x, y) = Self.multiple(secret)
        publicKey = [4] + x.bytes + y.bytes
    }

    /// RFC 5915.
    var der: [UInt8] {
        DER.sequence([
            DER.integer([1]), DER.octets(secret.bytes), DER.context(0, DER.p256), DER.context(1, DER.bits(publicKey)),
        ])
    }

    /// With SHA-256.
    func signature(of message: [UInt8]) -> [UInt8] {
        let order = Self.order
        let once = Self.secret()
        let r = Self.belowOrder(Self.multiple(once).x)
        let hash = Self.belowOrder(Number256(bytes: SHA256.hash(message)))
        let sum = order.sum(
            order.entering(hash),
            order.product(order.entering(r), order.entering(secret))
        )
        let s = order.leaving(order.product(order.inverse(order.entering(once)), sum))
        return DER.sequence([DER.integer(r.bytes), DER.integer(s.bytes)])
    }

    private static func secret() -> Number256 {
        while true {
            let number = Number256.random()
            if number != Number256(0), number.subtracting(order.prime).borrow == 1 { return number }
        }
    }

    /// Of a number below 2^256, which is below twice the order.
    private static func belowOrder(_ number: Number256) -> Number256 {
        let (difference, borrow) = number.subtracting(order.prime)
        return borrow == 0 ? difference : number
    }

    /// - Parameter number: neither 0 nor as large as the order, so that no two points that are added are the same.
    private static func multiple(_ number: Number256) -> (x: Number256, y: Number256) {
        var point: Point?
        for bit in (0..<256).reversed() {
            point = point?.doubled(in: field)
            if number.hasBit(bit) { point = point?.adding(generator, in: field) ?? generator }
        }
        guard let point else { preconditionFailure("0 times the generator is no point of its own") }
        let inverse = field.inverse(point.z)
        let square = field.product(inverse, inverse)
        return (
            field.leaving(field.product(point.x, square)),
            field.leaving(field.product(point.y, field.product(square, inverse)))
        )
    }
}

/// x / z², y / z³, other than the point at infinity.
private struct Point {
    let x: Number256
    let y: Number256
    let z: Number256

    /// "dbl-2001-b" of the Explicit-Formulas Database, for a = -3.
    func doubled(in field: MontgomeryField) -> Point {
        let delta = field.product(z, z)
        let gamma = field.product(y, y)
        let beta = field.product(x, gamma)
        let third = field.product(field.difference(x, delta), field.sum(x, delta))
        let alpha = field.sum(field.sum(third, third), third)
        let beta2 = field.sum(beta, beta)
        let beta4 = field.sum(beta2, beta2)
        let newX = field.difference(field.product(alpha, alpha), field.sum(beta4, beta4))
        let sum = field.sum(y, z)
        let newZ = field.difference(field.difference(field.product(sum, sum), gamma), delta)
        let gamma2 = field.sum(gamma, gamma)
        let gammas = field.product(gamma2, field.sum(gamma2, gamma2))
        let newY = field.difference(field.product(alpha, field.difference(beta4, newX)), gammas)
        return Point(x: newX, y: newY, z: newZ)
    }

    /// - Parameter other: another point than this and than its opposite, with z = 1.
    func adding(_ other: Point, in field: MontgomeryField) -> Point {
        let square = field.product(z, z)
        let h = field.difference(field.product(other.x, square), x)
        let r = field.difference(field.product(other.y, field.product(square, z)), y)
        let h2 = field.product(h, h)
        let h3 = field.product(h2, h)
        let v = field.product(x, h2)
        let newX = field.difference(field.difference(field.product(r, r), h3), field.sum(v, v))
        let newY = field.difference(field.product(r, field.difference(v, newX)), field.product(y, h3))
        return Point(x: newX, y: newY, z: field.product(z, h))
    }
}
