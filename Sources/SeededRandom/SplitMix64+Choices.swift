extension SplitMix64 {
    /// - Returns: from 0 to one less than the limit.
    @inlinable
    public mutating func below(_ limit: Int) -> Int {
        Int(truncatingIfNeeded: next() >> 33) % max(1, limit)
    }

    @inlinable
    public mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    /// True once in `count` times.
    @inlinable
    public mutating func once(in count: Int) -> Bool {
        below(count) == 0
    }

    /// - Parameter elements: not empty.
    @inlinable
    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        let words = (0..<(count + 7) / 8).map { _ in next() }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }
}
