import PrintableText

// What is loaded for those who wait, and what goes for it.

extension Placement {
    /// What loading a model somewhere takes.
    private struct Course {
        var upstream: Int
        var victims: [Int]
        /// Others use what has to go.
        var isTurn: Bool
        /// Until it is loaded, and what had to go is back.
        var cost: Nanoseconds
        /// Of what has to go, what was used last; nil: nothing has to go.
        var lastUsed: Instant?

        func isBetter(than other: Course) -> Bool {
            guard isTurn == other.isTurn else { return other.isTurn }
            guard victims.isEmpty == other.victims.isEmpty else { return victims.isEmpty }
            guard cost == other.cost else { return cost < other.cost }
            let longAgo = Instant(nanoseconds: .min)
            return (lastUsed ?? longAgo, upstream) < (other.lastUsed ?? longAgo, other.upstream)
        }
    }

    /// What may go.
    private struct Victim {
        var upstream: Int
        var server: OnDemandServer
        var use: Use

        var isUnused: Bool { server.unwantedSince != nil || use.isUnused }

        func hasBeenThereLonger(than other: Victim) -> Bool {
            let longAgo = Instant(nanoseconds: .min)
            return (server.loadedSince ?? longAgo, upstream) < (other.server.loadedSince ?? longAgo, other.upstream)
        }
    }

    /// Has a model loaded for these, if there is a way.
    mutating func serve(_ want: Want, _ uses: [Int: Use], _ verdict: inout Verdict, at now: Instant) {
        let planned = Set(plans.values)
        guard !want.servers.contains(where: { servers[$0]?.isAwaited == true || planned.contains($0) }) else { return }
        let absent = want.servers.filter { servers[$0]?.isAbsent == true }
        let candidates = absent.filter { servers[$0].map { $0.pausedUntil <= now } == true }
        let courses = candidates.compactMap { course(to: $0, for: want, uses, at: now) }
        if let best = courses.min(by: { $0.isBetter(than: $1) }) {
            return take(best, &verdict, at: now)
        }
        guard want.usable == 0 else { return }
        if let opening = opening(for: want, among: candidates, uses, at: now) { spare[opening.host] = opening.spare }
        guard !want.hasOthers, absent.count == want.servers.count, !absent.isEmpty else { return }
        let reasons = absent.compactMap { whyNever($0, at: now) }
        if reasons.count == absent.count { verdict.hopeless.append((want.pool, reasons[0])) }
    }

    /// nil: it can be loaded, now or in a while.
    private func whyNever(_ upstream: Int, at now: Instant) -> String? {
        guard let server = servers[upstream] else { return nil }
        if server.terms.memory > server.terms.hostMemory {
            let (needed, there) = (MemoryText.of(server.terms.memory), MemoryText.of(server.terms.hostMemory))
            return "it takes \(needed) of memory, and its host has \(there)"
        }
        return server.pausedUntil > now ? server.failure : nil
    }

    /// nil: there is none for now.
    private func course(to upstream: Int, for want: Want, _ uses: [Int: Use], at now: Instant) -> Course? {
        guard let server = servers[upstream], plans[server.terms.host] == nil else { return nil }
        guard want.usable == 0 || want.waited >= server.loadTime else { return nil }
        let memory = host(of: server)
        var missing = server.terms.memory - memory.free
        if let spare = spare[server.terms.host], missing > 0 || server.terms.memory > spare { return nil }
        var course = Course(upstream: upstream, victims: [], isTurn: false, cost: server.loadTime)
        guard missing > 0 else { return course }
        missing -= memory.outgoing
        let mobile = memory.present.compactMap { upstream -> Victim? in
            guard let server = servers[upstream], let use = uses[upstream], mayGo(server, at: now) else { return nil }
            return Victim(upstream: upstream, server: server, use: use)
        }
        let unused = mobile.filter { $0.isUnused && isWorthLosing($0, for: want, server, at: now) }
            .sorted {
                ($0.use.lastUsed, $0.server.loadTime, $0.upstream) < ($1.use.lastUsed, $1.server.loadTime, $1.upstream)
            }
        var victims: [Victim] = []
        for one in unused where missing > 0 {
            victims.append(one)
            missing -= one.server.terms.memory
        }
        if missing > 0 {
            guard want.usable == 0 else { return nil }
            let used = mobile.filter { !$0.isUnused && want.waited >= patience(for: server, insteadOf: $0.server) }
                .sorted { $0.hasBeenThereLonger(than: $1) }
            for one in used where missing > 0 {
                course.isTurn = true
                victims.append(one)
                missing -= one.server.terms.memory
            }
        }
        guard missing <= 0 else { return nil }
        // Those that were taken for their age may be more than it takes.
        for one in victims where missing + one.server.terms.memory <= 0 {
            victims.removeAll { $0.upstream == one.upstream }
            missing += one.server.terms.memory
        }
        course.victims = victims.map(\.upstream)
        course.cost = victims.reduce(server.loadTime) { $0 + $1.server.loadTime }
        course.lastUsed = victims.map(\.use.lastUsed).max()
        return course
    }

    private func mayGo(_ server: OnDemandServer, at now: Instant) -> Bool {
        guard !server.terms.isPinned, server.wish == nil, server.pausedUntil <= now else { return false }
        // What loads for nobody may be given up at once.
        return server.hasStayed(at: now) || server.unwantedSince != nil
    }

    /// One more server of a model that is served takes the place of what hasn't been used for a while alone.
    private func isWorthLosing(
        _ victim: Victim,
        for want: Want,
        _ wanted: OnDemandServer,
        at now: Instant
    ) -> Bool {
        want.usable == 0 || now.since(victim.use.lastUsed) >= victim.server.loadTime + wanted.loadTime
    }

    /// How long those who wait for one model leave another one to those who use it: as long as both loads take, so that loading
    /// takes half of the time at most.
    func patience(for server: OnDemandServer, insteadOf other: OnDemandServer) -> Nanoseconds {
        min(max(server.loadTime + other.loadTime, Self.shortestPatience), longestPatience)
    }

    private mutating func take(_ course: Course, _ verdict: inout Verdict, at now: Instant) {
        guard let server = servers[course.upstream] else { return }
        let host = server.terms.host
        for victim in course.victims { wish(.unload, of: victim, course.isTurn ? .turn : .room, &verdict, at: now) }
        if course.victims.isEmpty, server.terms.memory <= self.host(of: server).free {
            return wish(.load, of: course.upstream, .awaited, &verdict, at: now)
        }
        plans[host] = course.upstream
    }
}
