#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#elseif os(Windows)
    import CRT
#else
    import Glibc
#endif

extension Span<UInt8> {
    /// The first place of a byte from `start` on.
    ///
    /// - Parameter start: may lie beyond the end.
    package borrowing func index(of byte: UInt8, from start: Int) -> Int? {
        guard start < count else { return nil }
        return withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let found = memchr(base + start, CInt(byte), bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(base).distance(to: found)
        }
    }
}
