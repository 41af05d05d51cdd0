extension SplitMix64 {
    /// Changes, adds, doubles and removes single bytes.
    ///
    /// - Parameters:
    ///   - bytes: not empty, nor are they afterwards.
    ///   - mostChanges: so many at most, perhaps none.
    ///   - alphabet: what new bytes are taken from.
    public mutating func damage(_ bytes: inout [UInt8], mostChanges: Int, alphabet: [UInt8]) {
        for _ in 0..<below(mostChanges + 1) {
            let offset = below(bytes.count)
            switch below(4) {
            case 0: bytes[offset] = pick(alphabet)
            case 1: bytes.insert(pick(alphabet), at: offset)
            case 2: bytes.insert(bytes[offset], at: offset)
            default: if bytes.count > 1 { bytes.remove(at: offset) }
            }
        }
    }
}
