/// Which records have each block of text: up to so many for each, newest first.
///
/// Open addressing in flat memory, in 1,024 parts, so that no growth of a part takes long while requests wait for the lock.
struct BlockTable: Sendable {
    private struct Part: Sendable {
        /// Its size is a power of two, or 0. 0 is a vacant place.
        var keys: [UInt64] = []
        /// ``width`` for each key; -1: none, behind all others.
        var records: [Int32] = []
        var count = 0
    }

    private static let partBits = 10

    private let width: Int
    /// Where a key lies isn't to be known: others tell of blocks as well, and keys that are made to lie in one place would have each
    /// look there take as long as all of them. Nothing else depends on it.
    private let secret = UInt64.random(in: .min ... .max) | 1
    private var parts = [Part](repeating: Part(), count: 1 << partBits)
    /// Keys in all parts.
    private(set) var count = 0

    /// - Parameter width: the most records for one key.
    init(width: Int) {
        self.width = width
    }

    /// Calls `body` with the records of a key, newest first, until it says true.
    ///
    /// - Returns: whether it did.
    @inline(__always)
    func first(of key: UInt64, where body: (Int32) -> Bool) -> Bool {
        let key = Self.stored(key)
        let part = part(key)
        guard let place = place(of: key, in: part) else { return false }
        for offset in place * width..<(place + 1) * width {
            let record = parts[part].records[offset]
            if record < 0 { return false }
            if body(record) { return true }
        }
        return false
    }

    func contains(_ key: UInt64) -> Bool {
        let key = Self.stored(key)
        return place(of: key, in: part(key)) != nil
    }

    /// The record is the newest of the key's from now on, whether it had been there before or not.
    ///
    /// - Parameter isExpendable: whether another is to go before the oldest does, if there is no room for both.
    @inline(__always)
    mutating func insert(_ record: Int32, for key: UInt64, insteadOf isExpendable: (Int32) -> Bool) {
        let key = Self.stored(key)
        let part = part(key)
        if let place = place(of: key, in: part) {
            let first = place * width
            // Once for all of the row: each write to an array looks whether it is shared.
            var records = parts[part].records.mutableSpan
            if records[first] == record { return }
            var gap = first + width - 1
            // What isn't full has room at its end, and what is there already leaves its own place.
            for offset in first..<first + width {
                let other = records[offset]
                guard other == record || other < 0 || isExpendable(other) else { continue }
                gap = offset
                if other == record || other < 0 { break }
            }
            while gap > first {
                records[gap] = records[gap - 1]
                gap -= 1
            }
            records[first] = record
            return
        }
        if (parts[part].count + 1) * 4 > parts[part].keys.count * 3 { grow(part) }
        let place = vacancy(for: key, in: part)
        parts[part].keys[place] = key
        parts[part].records[place * width] = record
        parts[part].count += 1
        count += 1
    }

    mutating func remove(_ record: Int32, for key: UInt64) {
        let key = Self.stored(key)
        let part = part(key)
        guard let place = place(of: key, in: part) else { return }
        let first = place * width
        guard var offset = (first..<first + width).first(where: { parts[part].records[$0] == record }) else { return }
        var records = parts[part].records.mutableSpan
        while offset + 1 < first + width {
            records[offset] = records[offset + 1]
            offset += 1
        }
        records[offset] = -1
        if records[first] < 0 { vacate(place, in: part) }
    }

    // MARK: - Places

    private static func stored(_ key: UInt64) -> UInt64 { key == 0 ? 1 : key }

    private func spread(_ key: UInt64) -> UInt64 {
        let product = key.multipliedFullWidth(by: secret)
        return product.high ^ product.low
    }

    private func part(_ key: UInt64) -> Int { Int(spread(key) >> UInt64(64 - Self.partBits)) }

    /// Where it lies unless others do.
    private func home(_ key: UInt64, mask: Int) -> Int { Int(truncatingIfNeeded: spread(key)) & mask }

    private func place(of key: UInt64, in part: Int) -> Int? {
        let size = parts[part].keys.count
        guard size > 0 else { return nil }
        var place = home(key, mask: size - 1)
        while parts[part].keys[place] != 0 {
            if parts[part].keys[place] == key { return place }
            place = (place + 1) & (size - 1)
        }
        return nil
    }

    private func vacancy(for key: UInt64, in part: Int) -> Int {
        let size = parts[part].keys.count
        var place = home(key, mask: size - 1)
        while parts[part].keys[place] != 0 { place = (place + 1) & (size - 1) }
        return place
    }

    private mutating func grow(_ part: Int) {
        let old = parts[part]
        let size = max(8, old.keys.count * 2)
        parts[part].keys = [UInt64](repeating: 0, count: size)
        parts[part].records = [Int32](repeating: -1, count: size * width)
        for (place, key) in old.keys.enumerated() where key != 0 {
            let new = vacancy(for: key, in: part)
            parts[part].keys[new] = key
            for offset in 0..<width { parts[part].records[new * width + offset] = old.records[place * width + offset] }
        }
    }

    /// Moves those behind that would not be found any more.
    private mutating func vacate(_ place: Int, in part: Int) {
        let mask = parts[part].keys.count - 1
        var gap = place
        var next = (gap + 1) & mask
        while parts[part].keys[next] != 0 {
            let home = home(parts[part].keys[next], mask: mask)
            if (next - home) & mask >= (next - gap) & mask {
                parts[part].keys[gap] = parts[part].keys[next]
                for offset in 0..<width {
                    parts[part].records[gap * width + offset] = parts[part].records[next * width + offset]
                }
                gap = next
            }
            next = (next + 1) & mask
        }
        parts[part].keys[gap] = 0
        for offset in 0..<width { parts[part].records[gap * width + offset] = -1 }
        parts[part].count -= 1
        count -= 1
    }
}
