import NIOCore

/// Cheap facts of a request's body, by which a client sees that it arrived unchanged.
struct BodyDigest: Sendable {
    private(set) var count = 0
    /// FNV-1a, 64 bits.
    private(set) var checksum: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: ByteBufferView) {
        count += bytes.count
        checksum = bytes.withUnsafeBytes { bytes in
            var checksum = checksum
            for byte in bytes { checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01b3 }
            return checksum
        }
    }
}
