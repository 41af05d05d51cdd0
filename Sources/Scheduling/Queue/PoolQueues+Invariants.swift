extension PoolQueues {
    func violations() -> [String] {
        var found = held.violations()
        var sum = held.count
        for line in lines.indices {
            let queue = lines[line].queue
            found += queue.violations(places)
            sum += queue.count
            check(line, &found)
        }
        if sum != count { found.append("\(sum) wait, \(count) are counted") }
        for number in classes.indices { check(class: number, &found) }
        for pool in pools.indices { check(pool: pool, &found) }
        let heldSum = pools.reduce(0) { $0 + $1.heldCount }
        if heldSum != held.count { found.append("\(held.count) are held, \(heldSum) are counted") }
        return found
    }

    private func check(_ line: Int, _ found: inout [String]) {
        let key = lines[line].key
        let queue = lines[line].queue
        guard key.classNumber < classes.count else { return found.append("line \(line) is of no class") }
        let known = classes[key.classNumber]
        let had = lines[line].had
        let one = isResting(line) ? nil : queue.firstArrival.map { ClassQueue.Place(had: had, arrival: $0) }
        let wide = isResting(line) ? nil : queue.firstWide.map { ClassQueue.Place(had: had, arrival: $0.arrival) }
        if known.ones.key(of: line) != one || known.wides.key(of: line) != wide {
            found.append("line \(line) isn't where its turn is")
        }
        if pools[known.pool].lines.contains(line) == queue.isEmpty {
            found.append("line \(line) is listed although nobody waits, or isn't although somebody does")
        }
        if lines.count > 1, deadlines.key(of: line) != queue.nextDeadline?.instant {
            found.append("line \(line) is due at another time than noted")
        }
        if !lines[line].isIdle, lineNumber(of: key) != line { found.append("line \(line) can't be found") }
        if !queue.isEmpty, key.tenant != lines[line].tenant.map({ tenants[$0].terms.tenant }) {
            found.append("line \(line) is somebody else's")
        }
    }

    private func check(class number: Int, _ found: inout [String]) {
        let queue = classes[number]
        found += queue.ones.violations(name: "lines") + queue.wides.violations(name: "lines of several slots")
        let waiting = pools[queue.pool].lines.count { lines[$0].key.classNumber == number }
        if waiting != queue.waiting { found.append("\(waiting) lines of class \(number), not \(queue.waiting)") }
        if waiting == 0 && queue.standing != .inTurn { found.append("class \(number) is passed over, and is nobody") }
        if (queue.standing == .passed) != patience.contains(number) {
            found.append("class \(number) is passed over, and isn't awaited, or the other way round")
        }
    }

    private func check(pool: Int, _ found: inout [String]) {
        let sum = pools[pool].lines.reduce(0) { $0 + lines[$1].queue.count }
        if sum != pools[pool].count { found.append("\(sum) wait in pool \(pool), \(pools[pool].count) are counted") }
        for (place, number) in pools[pool].classes.enumerated()
        where classes[number].pool != pool || Int(classes[number].priority) != place {
            found.append("class \(number) isn't the one at \(place) of pool \(pool)")
        }
        let wide = firstLine(in: pool, wide: true).flatMap { lines[$0].queue.firstWide?.arrival }
        if wideHeads.key(of: pool) != wide {
            found.append("the first of several slots in pool \(pool) isn't the one noted")
        }
    }

    /// What isn't as these counts say: of each tenant its requests, and of each of its lines those that have slots or are
    /// held.
    func checkTenants(_ counts: [Int: (requests: Int, running: Int)], _ running: [Int: Int], _ found: inout [String]) {
        if counts.count != tenants.count { found.append("\(counts.count) tenants, \(tenants.count) are counted") }
        for (tenant, count) in counts {
            let entry = tenants[tenant]
            if entry.requests != count.requests || entry.running != count.running {
                found.append("tenant \(tenant) has \(count), not \(entry.requests) and \(entry.running)")
            }
        }
        for line in lines.indices where lines[line].running != running[line, default: 0] {
            found.append("line \(line) has \(running[line, default: 0]) running, not \(lines[line].running)")
        }
    }
}
