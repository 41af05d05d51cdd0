internal import NIOCore

/// What is known of names' addresses, and when they are looked up again: a value.
///
/// The system's resolver tells no time to live. What it said is used for ``freshTime``; after that it is asked again. When it
/// then has no answer, or not soon enough, the old one is used for a while longer (RFC 8767: a name server that is away must
/// not take servers away that are there).
struct NameCache<Address: Sendable & Equatable> {
    /// For how long an answer is used without asking again.
    static var freshTime: TimeAmount { .seconds(10) }
    /// For how long after that it is used if there is no new one.
    static var staleTime: TimeAmount { .hours(1) }
    /// For how long a name that the resolver doesn't know is not asked for again.
    static var failureTime: TimeAmount { .seconds(1) }
    /// How long a lookup may take before an old answer is used instead: RFC 8767 5 has 1.8 s.
    static var patience: TimeAmount { .milliseconds(1800) }
    /// How long a lookup may take when the one before found nothing: requests that could go elsewhere would wait for each.
    static var patienceWithUnknown: TimeAmount { .milliseconds(200) }
    /// How long a lookup may take when nothing is known of the name yet.
    static var longestPatience: TimeAmount { .seconds(5) }
    /// Names that are remembered.
    static var capacity: Int { 4096 }

    enum Answer: Equatable {
        case addresses([Address])
        /// There is no such name, as the resolver said a moment ago.
        case unknown
        /// The resolver takes its time, and there is no old answer.
        case noAnswer
        /// The answer isn't there yet. ``NameCache/timePassed(_:at:)`` is to be asked again at `until` at the latest.
        case wait(until: NIODeadline, asks: Bool)
    }

    private struct Entry {
        enum Known {
            case nothing
            case addresses([Address], at: NIODeadline)
            case unknown
        }

        var known = Known.nothing
        /// Since when the resolver is being asked.
        var askedAt: NIODeadline?
        /// Until when it isn't asked again.
        var restsUntil = NIODeadline.uptimeNanoseconds(0)
    }

    private var entries: [String: Entry] = [:]

    /// - Returns: what there is; with `asks`, the caller has the name looked up and calls ``answered(_:_:at:)``.
    mutating func lookUp(_ name: String, at now: NIODeadline) -> Answer {
        var entry = entries[name] ?? Entry()
        if now < entry.restsUntil {
            switch entry.known {
            case .addresses(let addresses, _): return .addresses(addresses)
            case .unknown: return .unknown
            case .nothing: break
            }
        }
        let asks = entry.askedAt == nil
        if asks {
            entry.askedAt = now
            if entries[name] == nil { makeRoom() }
            entries[name] = entry
        }
        return pending(entry, asks: asks, at: now)
    }

    /// What there is for those who were told to wait and have no answer yet.
    func timePassed(_ name: String, at now: NIODeadline) -> Answer {
        guard let entry = entries[name], entry.askedAt != nil else { return .noAnswer }
        return pending(entry, asks: false, at: now)
    }

    private func pending(_ entry: Entry, asks: Bool, at now: NIODeadline) -> Answer {
        let askedAt = entry.askedAt ?? now
        if case .addresses(let addresses, let since) = entry.known, now - since < Self.freshTime + Self.staleTime {
            return now - askedAt < Self.patience
                ? .wait(until: askedAt + Self.patience, asks: asks) : .addresses(addresses)
        }
        if case .unknown = entry.known {
            return now - askedAt < Self.patienceWithUnknown
                ? .wait(until: askedAt + Self.patienceWithUnknown, asks: asks) : .unknown
        }
        return now - askedAt < Self.longestPatience
            ? .wait(until: askedAt + Self.longestPatience, asks: asks) : .noAnswer
    }

    /// The resolver has answered.
    ///
    /// - Parameter addresses: none if it knows no such name, or could ask nobody.
    /// - Returns: what those get who have waited: never ``Answer/wait(until:asks:)``.
    mutating func answered(_ name: String, _ addresses: [Address], at now: NIODeadline) -> Answer {
        var entry = entries[name] ?? Entry()
        entry.askedAt = nil
        defer { entries[name] = entry }
        if !addresses.isEmpty {
            entry.known = .addresses(addresses, at: now)
            entry.restsUntil = now + Self.freshTime
            return .addresses(addresses)
        }
        entry.restsUntil = now + Self.failureTime
        // The resolver doesn't say whether the name is gone or its server away.
        if case .addresses(let old, let since) = entry.known, now - since < Self.freshTime + Self.staleTime {
            return .addresses(old)
        }
        entry.known = .unknown
        return .unknown
    }

    /// Nothing could be reached at the addresses of this name: perhaps it has others by now. It is asked for again with the
    /// next lookup, though no sooner after the last one than a name that isn't known.
    mutating func doubted(_ name: String, at now: NIODeadline) {
        guard var entry = entries[name], case .addresses(_, let since) = entry.known,
            entry.restsUntil == since + Self.freshTime
        else {
            return
        }
        entry.restsUntil = min(entry.restsUntil, max(now, since + Self.failureTime))
        entries[name] = entry
    }

    private mutating func makeRoom() {
        guard entries.count >= Self.capacity,
            let oldest = entries.filter({ $0.value.askedAt == nil }).min(by: {
                $0.value.restsUntil < $1.value.restsUntil
            })
        else {
            return
        }
        entries[oldest.key] = nil
    }
}
