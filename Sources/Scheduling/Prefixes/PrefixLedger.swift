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
        /// When it was put there, as a number that grows; 0: a request that runs has used it up.
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
        /// The last of its blocks that is found.
        fileprivate var block: Int
        fileprivate var record: Int32

        static let nothing = Found(bytes: 0, block: -1, record: -1)
    }

    /// What a request that is sent should find.
    struct Used: Sendable {
        /// How much of its prompt, in bytes.
        var bytes: Int
        /// What it uses up; -1: nothing. Its blocks stay where they are, out of sight, since the prompt that is left in the end
        /// begins with the same ones as a rule: ``park(_:at:generated:insteadOf:)`` or ``discard(_:)`` ends that.
        fileprivate var record: Int32
        /// When what it finds was put there.
        fileprivate var parked: UInt64
        /// What lies in a slot that llama-server may take instead, and when that was put there.
        fileprivate var neighbour: (record: Int32, parked: UInt64)?

        var usesUp: Bool { record >= 0 }
    }

    struct Holder: Sendable {
        var upstream: Int
        var bytes: Int
    }

    static let mostRecordsOfUpstream = 512
    static let mostBlocks = 1 << 20
    /// Prompts of one upstream that ``byPlace`` knows by one block.
    private static let mostOfPlace = 4
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
    private var byPlace = BlockTable(width: Self.mostOfPlace)
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
                // What others tell may be made so that its key is that of another block elsewhere.
                guard records[Int(record)].upstream == Int32(upstream), isUsable(record, upTo: position) else {
                    return false
                }
                if best < 0 || records[Int(record)].bytes < records[Int(best)].bytes { best = record }
                return false
            }
            if best >= 0 { return Found(bytes: position, block: index, record: best) }
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
        guard records[Int(record)].parked > 0 else { return false }
        return usable == .always || position * 4 >= records[Int(record)].bytes
    }

    // MARK: - What is sent, and what ends

    /// A request goes to an upstream, where it uses up what it finds.
    ///
    /// - Returns: nil if it finds nothing.
    mutating func sent(_ trail: PromptTrail, to upstream: Int) -> Used? {
        let found = found(trail, at: upstream)
        guard found.record >= 0 else { return nil }
        let record = usable == .always ? found.record : usedUp(by: trail, found, at: upstream)
        let neighbour = neighbour(of: trail, besides: record, at: upstream)
        let parked = records[Int(record < 0 ? found.record : record)].parked
        if record >= 0 {
            takeOffShelf(Int(record))
            records[Int(record)].parked = 0
        }
        return Used(bytes: found.bytes, record: record, parked: parked, neighbour: neighbour)
    }

    /// Of those that begin with as much of a prompt: the newest of all, which lies in a slot still, unless less than half of it
    /// is of use, since llama-server saves it then; else the oldest, since it looks through what it has saved from there on.
    ///
    /// - Returns: -1 for none.
    private func usedUp(by trail: PromptTrail, _ found: Found, at upstream: Int) -> Int32 {
        let newest = shelves[upstream].newest
        if begins(newest, with: trail, found) {
            return 2 * found.bytes >= records[Int(newest)].bytes ? newest : -1
        }
        var oldest = found.record
        var count = 0
        _ = byPlace.first(of: Self.key(trail.hashes[found.block], upstream)) { record in
            count += 1
            if begins(record, with: trail, found), records[Int(record)].parked < records[Int(oldest)].parked {
                oldest = record
            }
            return false
        }
        guard count == Self.mostOfPlace else { return oldest }
        // There are older ones than the table knows.
        var next = shelves[upstream].oldest
        while next >= 0, !begins(next, with: trail, found) { next = records[Int(next)].newer }
        return next
    }

    private func begins(_ record: Int32, with trail: PromptTrail, _ found: Found) -> Bool {
        let hashes = records[Int(record)].hashes
        return hashes.count > found.block && hashes[found.block] == trail.hashes[found.block]
            && isUsable(record, upTo: found.bytes)
    }

    /// What lies in a slot still and begins alike: with a low `--slot-prompt-similarity` that slot is taken instead of what is
    /// found, and if at least half of it is of use, it isn't saved first.
    private func neighbour(of trail: PromptTrail, besides record: Int32, at upstream: Int) -> (Int32, UInt64)? {
        let newest = shelves[upstream].newest
        let common = records[Int(newest)].hashes.commonCount(with: trail.hashes)
        guard newest != record, common > 0,
            2 * PromptTrail.position(of: common - 1) >= records[Int(newest)].bytes
        else { return nil }
        return (newest, records[Int(newest)].parked)
    }

    /// A request has ended there, and its prompt is left.
    ///
    /// - Parameters:
    ///   - generated: in bytes, behind the prompt.
    ///   - used: what it had used up.
    mutating func park(_ trail: PromptTrail, at upstream: Int, generated: Int, insteadOf used: Used?) {
        while shelves.count <= upstream { shelves.append(Shelf()) }
        if shelves[upstream].count >= Self.mostRecordsOfUpstream { remove(shelves[upstream].oldest) }
        while blocks + trail.hashes.count > Self.mostBlocks { removeOldestOfNext() }
        let index: Int
        if let used, used.usesUp {
            index = Int(used.record)
            removeBlocks(of: index, butFirst: records[index].hashes.commonCount(with: trail.hashes))
        } else if let last = free.popLast() {
            index = Int(last)
        } else {
            index = records.count
            records.append(Record())
        }
        lastParked += 1
        records[index].upstream = Int32(upstream)
        records[index].hashes = trail.hashes
        records[index].bytes = trail.bytes + generated
        records[index].parked = lastParked
        putOnShelf(index)
        // Seen from within a change of the tables.
        let records = records
        for hash in trail.hashes {
            byBlock.insert(Int32(index), for: hash) { records[Int($0)].parked == 0 }
            byPlace.insert(Int32(index), for: Self.key(hash, upstream)) { records[Int($0)].parked == 0 }
        }
    }

    /// What a request has used up is gone, and its own prompt isn't left.
    mutating func discard(_ used: Used) {
        if used.usesUp { clear(Int(used.record)) }
    }

    /// What should have been found there was not: llama-server took the slot of another one, or neither is there what had been put
    /// there before.
    mutating func missed(_ used: Used, at upstream: Int) {
        guard let neighbour = used.neighbour else { return removeAll(at: upstream, parkedBefore: used.parked) }
        if records[Int(neighbour.record)].parked == neighbour.parked { remove(neighbour.record) }
    }

    private mutating func removeAll(at upstream: Int, parkedBefore moment: UInt64) {
        guard upstream < shelves.count else { return }
        while shelves[upstream].oldest >= 0, records[Int(shelves[upstream].oldest)].parked < moment {
            remove(shelves[upstream].oldest)
        }
    }

    /// Its caches are empty: it was started again, or another has its place.
    mutating func forget(_ upstream: Int) {
        removeAll(at: upstream, parkedBefore: .max)
    }

    private mutating func removeOldestOfNext() {
        repeat { hand = (hand + 1) % shelves.count } while shelves[hand].count == 0
        remove(shelves[hand].oldest)
    }

    private mutating func remove(_ record: Int32) {
        takeOffShelf(Int(record))
        clear(Int(record))
    }

    private mutating func clear(_ index: Int) {
        removeBlocks(of: index, butFirst: 0)
        records[index] = Record()
        free.append(Int32(index))
    }

    private mutating func removeBlocks(of index: Int, butFirst count: Int) {
        let upstream = Int(records[index].upstream)
        for hash in records[index].hashes.dropFirst(count) {
            byBlock.remove(Int32(index), for: hash)
            byPlace.remove(Int32(index), for: Self.key(hash, upstream))
        }
    }

    // MARK: - Shelves

    /// As the newest.
    private mutating func putOnShelf(_ index: Int) {
        let upstream = Int(records[index].upstream)
        let newest = shelves[upstream].newest
        records[index].older = newest
        records[index].newer = -1
        if newest >= 0 { records[Int(newest)].newer = Int32(index) } else { shelves[upstream].oldest = Int32(index) }
        shelves[upstream].newest = Int32(index)
        shelves[upstream].count += 1
        blocks += records[index].hashes.count
    }

    private mutating func takeOffShelf(_ index: Int) {
        let (older, newer) = (records[index].older, records[index].newer)
        let upstream = Int(records[index].upstream)
        if older >= 0 { records[Int(older)].newer = newer } else { shelves[upstream].oldest = newer }
        if newer >= 0 { records[Int(newer)].older = older } else { shelves[upstream].newest = older }
        shelves[upstream].count -= 1
        blocks -= records[index].hashes.count
    }

    /// Of a block at one upstream.
    private static func key(_ hash: UInt64, _ upstream: Int) -> UInt64 {
        (hash ^ UInt64(truncatingIfNeeded: upstream + 1)) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension PrefixLedger {
    /// - Parameter usedCount: what requests that run have used up.
    func violations(usedCount: Int, isKnown: (Int) -> Bool) -> [String] {
        var found: [String] = []
        let used = records.lazy.filter { $0.parked == 0 && !$0.hashes.isEmpty }
        if used.count != usedCount { found.append("\(used.count) prompts are out of sight, requests use \(usedCount)") }
        let inTables = blocks + used.reduce(0) { $0 + $1.hashes.count }
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
        if seen + usedCount != count { found.append("\(seen) prompts on shelves, \(count) records") }
        if sum != blocks || blocks > Self.mostBlocks { found.append("\(sum) blocks, \(blocks) are counted") }
        if byBlock.count > inTables || byPlace.count > inTables {
            found.append("the tables have more blocks than there are")
        }
        return found
    }
}

extension [UInt64] {
    /// How many at the beginning are the same.
    fileprivate func commonCount(with other: [UInt64]) -> Int {
        var count = 0
        while count < Swift.min(self.count, other.count), self[count] == other[count] { count += 1 }
        return count
    }
}
