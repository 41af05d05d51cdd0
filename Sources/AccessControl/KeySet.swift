/// Keys that let somebody in.
public struct KeySet: Equatable, Sendable {
    private var keys: [[UInt8]]

    /// - Parameter keys: empty ones are left out: nobody gets in by an empty key.
    public init(_ keys: some Sequence<String>) {
        self.init(keys.map { Array($0.utf8) })
    }

    init(_ keys: [[UInt8]]) {
        self.keys = keys.filter { !$0.isEmpty }
    }

    public var isEmpty: Bool { keys.isEmpty }

    public var count: Int { keys.count }

    public func union(_ other: KeySet) -> KeySet {
        var all = self
        all.keys += other.keys
        return all
    }

    /// Whether this is one of the keys. How long it takes says nothing of the keys but their number and lengths: each is
    /// compared to its end.
    public func contains(_ candidate: borrowing Span<UInt8>) -> Bool {
        var found: UInt8 = 0
        for key in keys { found |= Self.areEqual(key, candidate) }
        return found == 1
    }

    /// - Returns: 1 or 0.
    private static func areEqual(_ key: [UInt8], _ candidate: borrowing Span<UInt8>) -> UInt8 {
        var difference: UInt8 = key.count == candidate.count ? 0 : 1
        for index in key.indices {
            let byte = index < candidate.count ? candidate[index] : 0
            difference |= key[index] ^ byte
        }
        return difference == 0 ? 1 : 0
    }
}

extension KeySet: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(keys.count) keys" }
    public var customMirror: Mirror { Mirror(self, children: ["count": keys.count]) }
}
