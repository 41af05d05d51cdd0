import AgentProtocol
import LlamaServer

/// What to ask a llama-server when, and what to make of its answers: a state machine without clock or connection.
///
/// There are two lanes. The health is asked for again and again and decides whether the server can be given requests at
/// all. Beside it a *round* asks for the rest: props first, since looking at the slots would wake a sleeping server,
/// then the models and the slots when they are due. There is never more than one question in flight per lane.
package struct LlamaServerWatch: Sendable {
    /// What is known now; nil until the first answers are there.
    package private(set) var status: ServerStatus?

    private var intervals: WatchIntervals

    private var health = Health.unknown
    private var healthLane = Lane.resting
    private var healthDueAt = Duration.zero

    private var round = Lane.resting
    /// What is still to be asked in this round.
    private var steps: [Probe] = []
    /// Whether the server has become another one (restarted, reloaded) since this round began.
    private var roundIsOutdated = false
    private var roundStartedAt: Duration?
    private var roundEndedAt: Duration?
    private var modelsAskedAt: Duration?
    private var rhythm: LookRhythm
    private var isPollDemanded = false
    /// Rounds in a row that broke off although the health is good.
    private var brokenRounds = 0
    private var finding = Finding.pending
    /// What is known of the slots since something last moved in them.
    private var standstill: Standstill?

    /// When 1970 began, on the agent's clock.
    private var epoch = Duration.zero
    private var facts = Facts()
    private var sample: ServerStatus.Sample?
    private var samples = 0

    private enum Health: Equatable {
        case unknown
        case good
        case bad(Condition)
    }

    private enum Lane: Equatable {
        case resting
        case asking(Probe, since: Duration)
    }

    /// What the last round found out.
    private enum Finding: Equatable {
        /// Nothing yet since the server became ready. Until there is something, it counts as what it was before.
        case pending
        case found(Condition)
    }

    private struct Facts {
        var totalSlots: Int?
        var isSleeping = false
        var models: [String] = []
        var role = Role.unasked
        var modelFromProps: String?
        var contextSize: Int?
        var contextSizeFromModels: Int?
        var build: String?
    }

    /// What is known of the server's role.
    private enum Role {
        case unasked
        /// It computes embeddings, if not to rank documents.
        case embeddingsOrReranking
        case known(ServerRole)
        /// Its answers are none of llama-server's.
        case unknown

        var role: ServerRole? {
            if case .known(let role) = self { role } else { nil }
        }

        /// What is to be asked next.
        var probe: Probe? {
            switch self {
            case .unasked: .embeddings
            case .embeddingsOrReranking: .reranking
            case .known, .unknown: nil
            }
        }

        /// llama-server answers 501 to whoever asks for what it wasn't started for, and 400 to whoever asks for nothing.
        mutating func take(_ status: Int) {
            switch (self, status) {
            case (.unasked, 501): self = .known(.completions)
            case (.unasked, 400): self = .embeddingsOrReranking
            case (.embeddingsOrReranking, 501): self = .known(.embeddings)
            case (.embeddingsOrReranking, 400): self = .known(.reranking)
            // It loads, or wants another key: it is asked again.
            case (_, 401), (_, 503), (.known, _), (.unknown, _): break
            case (.unasked, _), (.embeddingsOrReranking, _): self = .unknown
            }
        }
    }

    package init(intervals: WatchIntervals) {
        self.intervals = intervals
        rhythm = intervals.rhythm
    }

    /// Somebody wants a sample of the slots taken after this moment.
    package mutating func demandPoll() {
        isPollDemanded = true
        rhythm.disturbed()
    }

    /// There is a balancer that doesn't ask for a look before it uses a server that rests.
    package mutating func neverRest() {
        intervals.restsWhileIdle = false
        rhythm.neverRest()
    }

    /// The server is about to be there: its health is asked for by then, if not before.
    package mutating func askHealth(by time: Duration) {
        healthDueAt = min(healthDueAt, time)
    }

    /// When `startDue` has something to start, unless an answer comes before; nil while only answers matter.
    package var nextDue: Duration? {
        let health = healthLane == .resting ? healthDueAt : nil
        guard let round = roundDueAt else { return health }
        return health.map { min($0, round) } ?? round
    }

    /// - Returns: what to ask now. Each must be `completed` sooner or later.
    package mutating func startDue(at now: Duration) -> [Probe] {
        var started: [Probe] = []
        if healthLane == .resting, healthDueAt <= now {
            healthLane = .asking(.health, since: now)
            healthDueAt = now + intervals.health
            started.append(.health)
        }
        if let due = roundDueAt, due <= now {
            beginRound(at: now)
        }
        if round == .resting, let probe = steps.first {
            steps.removeFirst()
            round = .asking(probe, since: now)
            if probe == .slots { isPollDemanded = false }
            started.append(probe)
        }
        return started
    }

    /// An answer is there, or will never be.
    ///
    /// - Parameter sinceEpoch: the same moment for people: the time since 1970.
    /// - Returns: whether `status` changed, which every sample of the slots does.
    package mutating func completed(
        _ probe: Probe,
        _ answer: Probe.Answer,
        at now: Duration,
        sinceEpoch: Duration
    ) -> Bool {
        epoch = now - sinceEpoch
        switch probe {
        case .health:
            healthLane = .resting
            healthCompleted(answer, at: now)
        case .props, .models, .slots, .embeddings, .reranking:
            guard case .asking(probe, let since) = round else { return false }
            round = .resting
            roundCompleted(probe, answer, askedAt: since, at: now)
        }
        return refreshStatus()
    }

    private mutating func refreshStatus() -> Bool {
        guard let condition = currentCondition else { return false }
        let old = status
        status = ServerStatus(
            condition: condition,
            sample: sample,
            isSleeping: facts.isSleeping,
            models: !facts.models.isEmpty ? facts.models : facts.modelFromProps.map { [$0] } ?? [],
            role: facts.role.role,
            contextSize: facts.contextSize ?? facts.contextSizeFromModels,
            build: facts.build
        )
        return status != old
    }

    private var currentCondition: Condition? {
        switch (health, finding) {
        case (.unknown, _): nil
        case (.bad(let condition), _): condition
        case (.good, .found(let condition)): condition
        case (.good, .pending): status?.condition
        }
    }
}

// MARK: - Health

extension LlamaServerWatch {
    private mutating func healthCompleted(_ answer: Probe.Answer, at now: Duration) {
        let old = health
        health =
            switch answer {
            case .reply(status: 200, _): .good
            case .reply(let status, let body): .bad(Condition(refusing: .health, status: status, body: body))
            case .timedOut: .bad(.unresponsive)
            case .failed(let reason): .bad(.down(reason))
            case .absent(let condition): .bad(condition)
            }
        switch (old, health) {
        case (_, .bad(.unresponsive)), (.good, .good), (_, .unknown):
            break
        case (.bad(.unresponsive), .good):
            // It was slow, not away: what was found before holds, and is looked at again soon.
            isPollDemanded = true
        case (_, .good), (_, .bad):
            forgetServer()
        }
    }

    /// The server went away, or another one came: nothing that was found before says anything of it.
    private mutating func forgetServer() {
        finding = .pending
        standstill = nil
        sample = nil
        facts.totalSlots = nil
        facts.isSleeping = false
        facts.role = .unasked
        modelsAskedAt = nil
        rhythm = intervals.rhythm
        brokenRounds = 0
        steps = []
        roundIsOutdated = round != .resting
        roundStartedAt = nil
        roundEndedAt = nil
    }
}

// MARK: - Rounds

extension LlamaServerWatch {
    private var roundDueAt: Duration? {
        guard health == .good, round == .resting, steps.isEmpty else { return nil }
        guard let roundStartedAt, let roundEndedAt else { return .zero }
        let earliest = roundEndedAt + intervals.peace
        let isUrgent = isPollDemanded || brokenRounds > 0 || finding == .pending || finding == .found(.loading)
        return isUrgent ? earliest : max(earliest, roundStartedAt + intervals.monitoring)
    }

    private mutating func beginRound(at now: Duration) {
        roundStartedAt = now
        let modelsAreDue = modelsAskedAt.map { now - $0 >= intervals.monitoring } ?? true
        // Where props are told, a server that sleeps isn't looked at, and one that has woken has something to do.
        let isReason = isPollDemanded || brokenRounds > 0 || finding != .found(.ready) || facts.isSleeping
        steps = [.props]
        if modelsAreDue { steps.append(.models) }
        if let probe = facts.role.probe { steps.append(probe) }
        if isReason || rhythm.isDue(at: now) { steps.append(.slots) }
    }

    /// A round without a look ends by itself.
    private mutating func goOn() {
        if steps.isEmpty { brokenRounds = 0 }
    }

    private mutating func looked(seeingIdle isIdle: Bool) {
        rhythm.looked(seeingIdle: isIdle, inRoundOf: roundStartedAt ?? .zero)
    }

    private mutating func endRound(at now: Duration) {
        steps = []
        roundEndedAt = now
    }

    private mutating func endRound(finding condition: Condition, at now: Duration) {
        finding = .found(condition)
        brokenRounds = 0
        endRound(at: now)
    }

    private mutating func roundCompleted(_ probe: Probe, _ answer: Probe.Answer, askedAt: Duration, at now: Duration) {
        guard !roundIsOutdated else {
            roundIsOutdated = false
            return
        }
        if probe == .slots, answer.status != 200 { looked(seeingIdle: false) }
        switch (probe, answer) {
        case (_, .absent):
            endRound(at: now)
        case (_, .failed(let reason)):
            roundBroke("\(probe.body == nil ? "GET" : "POST") \(probe.path): \(reason)", at: now)
        case (.slots, .timedOut):
            slotsAreLate(askedAt: askedAt, at: now)
        case (.slots, .reply(status: 200, let body)):
            sawSlots(body, askedAt: askedAt, at: now)
        case (.slots, .reply(let status, let body)):
            endRound(finding: Condition(refusing: .slots, status: status, body: body), at: now)
        case (.props, .reply(status: 200, let body)):
            sawProps(body, askedAt: askedAt, at: now)
        case (.props, .reply(let status, let body)) where status == 401 || status == 503:
            endRound(finding: Condition(refusing: .props, status: status, body: body), at: now)
        case (.models, .reply(status: 200, let body)):
            modelsAskedAt = now
            sawModels(body)
            goOn()
        case (.embeddings, .reply(let status, _)), (.reranking, .reply(let status, _)):
            facts.role.take(status)
            if let next = facts.role.probe, next != probe { steps.insert(next, at: 0) }
            goOn()
        case (.props, _), (.models, _), (.health, _), (.embeddings, _), (.reranking, _):
            // Good to know, not needed: the slots decide.
            goOn()
        }
    }

    /// A connection that breaks is what a stopping server looks like, so the health is asked for at once. If that
    /// remains good, the second time is a finding.
    private mutating func roundBroke(_ reason: String, at now: Duration) {
        healthDueAt = min(healthDueAt, now)
        brokenRounds += 1
        if brokenRounds > 1 { finding = .found(.unexpected(reason)) }
        endRound(at: now)
    }

    /// It is busy, unless that lasts too long. If there never was a sample, all of its slots count as occupied until
    /// there is one.
    private mutating func slotsAreLate(askedAt: Duration, at now: Duration) {
        brokenRounds = 0
        let longest = intervals.longestLook
        if standstill == nil {
            standstill = Standstill(unansweredSince: askedAt, at: now, countingAtMost: longest)
        } else {
            standstill?.goesOn(until: now, at: now, countingAtMost: longest)
        }
        if sample == nil, let total = facts.totalSlots {
            take(total: total, processing: total, askedAt: askedAt, at: now)
        }
        let condition = stuckOrReady
        if sample != nil || condition != .ready { finding = .found(condition) }
        endRound(at: now)
    }

    private mutating func sawSlots(_ body: [UInt8], askedAt: Duration, at now: Duration) {
        do throws(ReplyError) {
            let reply = try SlotsReply(json: body)
            looked(seeingIdle: reply.processing == 0)
            let hasMoved = saw(reply.progress, askedAt: askedAt, at: now)
            take(
                total: reply.total,
                processing: reply.processing,
                hasMoved: hasMoved,
                isResting: rhythm.isResting,
                askedAt: askedAt,
                at: now
            )
            endRound(finding: stuckOrReady, at: now)
        } catch {
            looked(seeingIdle: false)
            endRound(finding: .unexpected("GET /slots answered \(error)"), at: now)
        }
    }

    /// - Returns: whether something has moved in the slots that work; nil where that isn't known.
    private mutating func saw(_ progress: SlotsProgress, askedAt: Duration, at now: Duration) -> Bool? {
        if standstill?.isSeen(in: progress) == true {
            standstill?.goesOn(until: askedAt, at: now, countingAtMost: intervals.longestLook)
            return false
        }
        standstill = Standstill(seeing: progress, at: now)
        return standstill == nil ? nil : true
    }

    private var stuckOrReady: Condition {
        guard let standstill, standstill.isLong(intervals.stuck) else { return .ready }
        // One standstill is one condition, whatever the clocks do meanwhile.
        if case .found(.stuck(let message)) = finding { return .stuck(message) }
        return Condition(standstill, sinceEpoch: standstill.since - epoch)
    }

    private mutating func sawProps(_ body: [UInt8], askedAt: Duration, at now: Duration) {
        // Props that can't be read are as good as none: the slots decide.
        guard let props = try? PropsReply(json: body) else { return goOn() }
        guard !props.isRouter else {
            isPollDemanded = false
            return endRound(finding: .router, at: now)
        }
        if facts.isSleeping, !props.isSleeping { rhythm.disturbed() }
        facts.totalSlots = props.totalSlots
        facts.isSleeping = props.isSleeping
        facts.modelFromProps = props.modelAlias ?? props.modelPath?.split(separator: "/").last.map(String.init)
        facts.contextSize = props.contextSize
        facts.build = props.build
        guard props.isSleeping, let total = props.totalSlots ?? sample?.total else { return goOn() }
        isPollDemanded = false
        standstill = nil
        take(total: total, processing: 0, askedAt: askedAt, at: now)
        endRound(finding: .ready, at: now)
    }

    private mutating func sawModels(_ body: [UInt8]) {
        guard let reply = try? ModelsReply(json: body) else { return }
        facts.models = reply.models.flatMap { model in [model.id] + model.aliases.filter { $0 != model.id } }
        facts.contextSizeFromModels = reply.models.first?.contextSize
    }

    private mutating func take(
        total: Int,
        processing: Int,
        hasMoved: Bool? = nil,
        isResting: Bool = false,
        askedAt: Duration,
        at now: Duration
    ) {
        samples += 1
        sample = ServerStatus.Sample(
            number: samples,
            total: total,
            processing: processing,
            startedAt: askedAt,
            finishedAt: now,
            hasMoved: hasMoved,
            isResting: isResting
        )
    }
}
