import LlamaServer

/// Which prompts lie in the caches of which upstreams, as far as the requests tell that went there, by llama-server's own
/// rules: what runs can't be shared, a prompt is used up by the one that continues it, and an entry counts only if a quarter
/// of it is a beginning of the new prompt.
///
/// Bounded: 512 prompts for each upstream and a million blocks in all; the oldest go first. Asking costs the same however
/// many upstreams there are.
struct PrefixLedger: Sendable {
    /// A prompt that lies in a cache.
    private struct Record: Sendable {
        var upstream: Int32 = 0
        var hashes: [UInt64] = []
        /// Of the prompt and what was generated behind it.
        var bytes = 0
        /// When it was put there, as a number that grows.
        var parked: UInt64 = 0
        /// Of the same upstream, by age; -1: none.
        var older: Int32 = -1
        var newer: Int32 = -1
    }

    private struct Shelf: Sendable {
        var oldest: Int32 = -1
        var newest: Int32 = -1
        var count = 0
    }

    /// What is found of a prompt somewhere.
    struct Found: Sendable {
        /// How much of it, in bytes.
        var bytes: Int
        fileprivate var record: Int32

        static let nothing = Found(bytes: 0, record: -1)
    }

    /// What a request that is sent has used up.
    struct Used: Sendable {
        /// How much of its prompt should be found, in bytes.
        var bytes = 0
        /// When what was used up was put there; nil: nothing was.
        var parked: UInt64?
    }

    struct Holder: Sendable {
        var upstream: Int
        var bytes: Int
    }

    static let mostRecordsOfUpstream = 512
    static let mostBlocks = 1 << 20
    /// Whom ``holders(of:)`` names.
    static let mostHolders = 4

    /// When an entry counts.
    enum Usability: Sendable {
        /// llama-server loads an entry of its cache only if a quarter of it is of use.
        case fromAQuarterOn
        /// A session goes where it was, whatever is left of its prompt.
        case always
    }

    private let usable: Usability
    private var records: [Record] = []
    private var free: [Int32] = []
    private var shelves: [Shelf] = []
    private var byBlock = BlockTable(width: 8)
    private var byPlace = BlockTable(width: 4)
    private var blocks = 0
    private var lastParked: UInt64 = 0
    /// Whose oldest goes next when there are too many blocks in all.
    private var hand = 0

    init(usable: Usability = .fromAQuarterOn) {
        self.usable = usable
    }

    var count: Int { records.count - free.count }

    // MARK: - Asking

    /// How much of a prompt lies at an upstream.
    func found(_ trail: PromptTrail, at upstream: Int) -> Found {
        guard byPlace.contains(Self.key(trail.hashes[0], upstream)) else { return .nothing }
        for index in trail.hashes.indices.reversed() {
            let position = PromptTrail.position(of: index)
            var best: Int32 = -1
            _ = byPlace.first(of: Self.key(trail.hashes[index], upstream)) { record in
                guard isUsable(record, upTo: position) else { return false }
                if best < 0 || records[Int(record)].bytes < records[Int(best)].bytes { best = record }
                return false
            }
            if best >= 0 { return Found(bytes: position, record: best) }
        }
        return .nothing
    }

    /// Upstreams with the most of a prompt, most first; each once. As a rule none or one that runs no other.
    func holders(of trail: PromptTrail) -> [Holder] {
        guard byBlock.contains(trail.hashes[0]) else { return [] }
        var holders: [Holder] = []
        for index in trail.hashes.indices.reversed() {
            let position = PromptTrail.position(of: index)
            let isFull = byBlock.first(of: trail.hashes[index]) { record in
                let upstream = Int(records[Int(record)].upstream)
                guard isUsable(record, upTo: position), !holders.contains(where: { $0.upstream == upstream }) else {
                    return false
                }
                holders.append(Holder(upstream: upstream, bytes: position))
                return holders.count == Self.mostHolders
            }
            if isFull { break }
        }
        return holders
    }

    private func isUsable(_ record: Int32, upTo position: Int) -> Bool {
        usable == .always || position * 4 >= records[Int(record)].bytes
    }

    // MARK: - What is sent, and what ends

    /// A request goes to an upstream: what is found of it there is used up.
    mutating func sent(_ trail: PromptTrail, to upstream: Int) -> Used {
        let found = found(trail, at: upstream)
        guard found.record >= 0 else { return Used() }
        let parked = records[Int(found.record)].parked
        remove(found.record)
        return Used(bytes: found.bytes, parked: parked)
    }

    /// A request has ended there, and its prompt is left.
    ///
    /// - Parameter generated: in bytes, behind the prompt.
    mutating func park(_ trail: PromptTrail, at upstream: Int, generated: Int) {
        while shelves.count <= upstream { shelves.append(Shelf()) }
        if shelves[upstream].count >= Self.mostRecordsOfUpstream { remove(shelves[upstream].oldest) }
        while blocks + trail.hashes.count > Self.mostBlocks { removeOldestOfNext() }
        lastParked += 1
        let newest = shelves[upstream].newest
        let record = Record(
            upstream: Int32(upstream),
            hashes: trail.hashes,
            bytes: trail.bytes + generated,
            parked: lastParked,
            older: newest
        )
        let index: Int32
        if let last = free.popLast() {
            index = last
            records[Int(index)] = record
        } else {
            index = Int32(records.count)
            records.append(record)
        }
        if newest >= 0 { records[Int(newest)].newer = index } else { shelves[upstream].oldest = index }
        shelves[upstream].newest = index
        shelves[upstream].count += 1
        blocks += trail.hashes.count
        for hash in trail.hashes {
            byBlock.insert(index, for: hash)
            byPlace.insert(index, for: Self.key(hash, upstream))
        }
    }

    /// What should have been found there was not: neither is what had been put there before it.
    mutating func missed(at upstream: Int, parkedBefore moment: UInt64) {
        guard upstream < shelves.count else { return }
        while shelves[upstream].oldest >= 0, records[Int(shelves[upstream].oldest)].parked < moment {
            remove(shelves[upstream].oldest)
        }
    }

    /// Its caches are empty: it was started again, or another has its place.
    mutating func forget(_ upstream: Int) {
        missed(at: upstream, parkedBefore: .max)
    }

    private mutating func removeOldestOfNext() {
        repeat { hand = (hand + 1) % shelves.count } while shelves[hand].count == 0
        remove(shelves[hand].oldest)
    }

    private mutating func remove(_ index: Int32) {
        let record = records[Int(index)]
        let upstream = Int(record.upstream)
        for hash in record.hashes {
            byBlock.remove(index, for: hash)
            byPlace.remove(index, for: Self.key(hash, upstream))
        }
        if record.older >= 0 {
            records[Int(record.older)].newer = record.newer
        } else {
            shelves[upstream].oldest = record.newer
        }
        if record.newer >= 0 {
            records[Int(record.newer)].older = record.older
        } else {
            shelves[upstream].newest = record.older
        }
        shelves[upstream].count -= 1
        blocks -= record.hashes.count
        records[Int(index)] = Record()
        free.append(index)
    }

    /// Of a block at one upstream.
    private static func key(_ hash: UInt64, _ upstream: Int) -> UInt64 {
        (hash ^ UInt64(truncatingIfNeeded: upstream + 1)) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension PrefixLedger {
    func violations(isKnown: (Int) -> Bool) -> [String] {
        var found: [String] = []
        var seen = 0
        var sum = 0
        for (upstream, shelf) in shelves.enumerated() {
            var length = 0
            var last: UInt64 = 0
            var next = shelf.oldest
            while next >= 0, length <= shelf.count {
                let record = records[Int(next)]
                if record.upstream != Int32(upstream) { found.append("prompt \(next) lies on the wrong shelf") }
                if record.parked <= last { found.append("prompt \(next) is out of order") }
                last = record.parked
                sum += record.hashes.count
                length += 1
                next = record.newer
            }
            seen += length
            if length != shelf.count { found.append("upstream \(upstream) has \(length) prompts, not \(shelf.count)") }
            if length > 0, !isKnown(upstream) { found.append("prompts lie at \(upstream), which is forgotten") }
        }
        if seen != count { found.append("\(seen) prompts on shelves, \(count) records") }
        if sum != blocks || blocks > Self.mostBlocks { found.append("\(sum) blocks, \(blocks) are counted") }
        if byBlock.count > blocks || byPlace.count > blocks {
            found.append("the tables have more blocks than there are")
        }
        return found
    }
}
