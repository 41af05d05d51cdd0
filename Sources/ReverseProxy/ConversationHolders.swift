import LlamaServer
import Scheduling

/// Which upstream a conversation's last streamed answer was sent to, of the conversations that were asked or looked for last.
///
/// Bounded: 10,000 of them, 256 bytes each.
struct ConversationHolders {
    private struct Entry {
        var conversation: [UInt8]
        var upstream: UpstreamID
        /// The one used just before this, and the one used just after; places of `entries`.
        var older: Int32?
        var newer: Int32?
    }

    private let capacity: Int
    private var places: [[UInt8]: Int32] = [:]
    private var entries: [Entry] = []
    private var oldest: Int32?
    private var newest: Int32?

    init(capacity: Int = 10_000) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// - Parameter conversation: one that is longer than any is not remembered.
    mutating func remember(_ conversation: [UInt8], on upstream: UpstreamID) {
        guard conversation.count <= ConversationID.longest else { return }
        if let place = places[conversation] {
            entries[Int(place)].upstream = upstream
            return use(place)
        }
        let entry = Entry(conversation: conversation, upstream: upstream)
        if entries.count < capacity {
            entries.append(entry)
            places[conversation] = Int32(entries.count - 1)
            link(Int32(entries.count - 1))
        } else if let place = oldest {
            places[entries[Int(place)].conversation] = nil
            unlink(place)
            entries[Int(place)] = entry
            places[conversation] = place
            link(place)
        }
    }

    /// - Returns: nil if nothing is known; the upstream that is known may be gone.
    mutating func holder(of conversation: [UInt8]) -> UpstreamID? {
        guard let place = places[conversation] else { return nil }
        use(place)
        return entries[Int(place)].upstream
    }

    private mutating func use(_ place: Int32) {
        guard newest != place else { return }
        unlink(place)
        link(place)
    }

    private mutating func link(_ place: Int32) {
        entries[Int(place)].older = newest
        entries[Int(place)].newer = nil
        if let newest { entries[Int(newest)].newer = place }
        newest = place
        oldest = oldest ?? place
    }

    private mutating func unlink(_ place: Int32) {
        let (older, newer) = (entries[Int(place)].older, entries[Int(place)].newer)
        if let older { entries[Int(older)].newer = newer } else { oldest = newer }
        if let newer { entries[Int(newer)].older = older } else { newest = older }
    }
}
