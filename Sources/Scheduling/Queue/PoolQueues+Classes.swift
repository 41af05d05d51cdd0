// How long a class lets others get past it.

extension PoolQueues {
    /// To be called before it is decided who is next: of a class that has been passed over for long enough, the one that has
    /// waited longest is. O(1) when no class has.
    mutating func letPassedOver(at now: Instant) {
        while let due = patience.first, due.key <= now {
            let number = Int(due.item)
            patience.remove(number)
            let longest = pools[classes[number].pool].lines
                .filter { lines[$0].key.classNumber == number && !isResting($0) }
                .min { longestWaiting(in: $0) < longestWaiting(in: $1) }
            if let longest {
                settleOverdue(longest, isResting: false)
            } else {
                classes[number].standing = .impatient
            }
        }
    }

    private func longestWaiting(in line: Int) -> UInt64 { lines[line].queue.longestWaiting?.arrival ?? .max }

    /// When some class has been passed over for long enough.
    var nextPassedOver: Instant? { patience.first?.key }

    /// Whether some class has been.
    @inline(__always)
    func hasPassedOver(at now: Instant) -> Bool { patience.first.map { $0.key <= now } ?? false }

    /// Of a class that has been passed over for long enough, this line is next. Who of it has waited longest may have left, or
    /// may not go on now: then another line is looked for, if there is any.
    mutating func settleOverdue(_ line: Int, isResting: Bool) {
        let number = lines[line].key.classNumber
        if !isResting, let longest = lines[line].queue.longestWaiting {
            classes[number].standing = .overdue(line: line, isWide: longest.isWide)
        } else if classes[number].waiting > 0 {
            wait(number, until: .longAgo)
        } else {
            isInTurn(number)
        }
        noteWide(of: classes[number].pool)
    }

    /// One of a class gets a slot: from now on it isn't passed over, and those behind it are.
    mutating func served(_ number: Int, at now: Instant) {
        isInTurn(number)
        let pool = classes[number].pool
        for passed in pools[pool].classes.dropFirst(Int(classes[number].priority) + 1)
        where classes[passed].waiting > 0 && classes[passed].standing == .inTurn {
            wait(passed, until: now.advanced(by: classPatience))
        }
    }

    mutating func isInTurn(_ number: Int) {
        guard classes[number].standing != .inTurn else { return }
        classes[number].standing = .inTurn
        patience.remove(number)
    }

    mutating func wait(_ number: Int, until end: Instant) {
        classes[number].standing = .passed
        patience.set(number, to: end)
    }
}

extension Instant {
    /// Before any other moment.
    static let longAgo = Instant(nanoseconds: .min)
}
