import AccessControl
import FleetMetrics
import HTTPFraming
import LlamaServer
import Logging
import NIOCore
import NetworkFailures
import ProxyExchange
import RequestRecords
import Scheduling

// What the request's exchange decides is done.

extension ClientConnection {
    // MARK: - Finding an upstream

    /// The request is whole: it goes to an upstream, or into the queue, or is refused.
    func submit() {
        let id = request.id
        link.exchanges()
        let now = NIODeadline.now()
        request.submittedAt = now
        record.received = Instant(now)
        // Of a request without a body it is known from its target.
        if let model = request.message?.model() ?? request.toldModel { request.demand.model = model }
        record.model = request.demand.model
        if request.tenant?.models != nil, let refusal = refusalOfModel() { return answer(refusal) }
        if let ownership = request.ownership, submitToOwner(ownership) { return }
        guard request.dialect != nil else { return sendFree(avoiding: nil) }
        // A whole answer ends with its client, id or not.
        if request.conversation != nil, request.message?.asksForStream() != true { request.conversation = nil }
        let (model, session) = (request.demand.model, request.session)
        let reading = loop.dispatcher.promptSeeding.reading
        let readsSizes = loop.dispatcher.readsSizes
        var demand =
            request.message?.demand(model: model, session: session, reading, readsSizes: readsSizes)
            ?? RequestDemand(model: model)
        demand.priority = request.rank
        demand.terms = terms
        request.demand = demand
        if request.tenant != nil, let refusal = chargeTenant(at: now) { return answer(refusal) }
        let submission: Submission
        if case .one(let upstream) = request.ownership {
            submission = loop.dispatcher.submit(id, on: upstream.id, for: demand, at: Instant(now))
        } else {
            submission = loop.dispatcher.submit(id, for: demand, at: Instant(now))
        }
        if case .reject(let rejection) = submission { return answer(rejection, budget: takeBackCharge(at: now)) }
        handIn(submission, at: now)
    }

    private func handIn(_ submission: Submission, at now: NIODeadline) {
        // As nearly always; not by way of an action, which would be 200 bytes more to move.
        if case .dispatch(let lease) = submission { return send(to: .slot(lease), at: now) }
        carryOut(exchange.submitted(submission))
    }

    /// The scheduler has no upstream for the request, or no place for it.
    func refuse(_ rejection: Rejection) {
        carryOut(exchange.rejected(rejection))
    }

    /// - Parameter budget: what its tenant has left, if that isn't what it was when the request was let in.
    private func answer(_ rejection: Rejection, lastFailure: String? = nil, budget: BudgetStatus? = nil) {
        // It came before anybody had said which there are.
        if request.listsModels, case .modelNotNamed = rejection { return answer(listOfAbsentModels) }
        if isBodyUntold, case .modelNotNamed = rejection {
            return answer(.bodyUntold("the request's body says which of several models is meant"))
        }
        let rejection = request.tenant?.models.map(rejection.telling) ?? rejection
        var refusal = LocalAnswer(rejection, lastFailure: lastFailure)
        refusal.budget = budget
        answer(refusal)
    }

    func sendFree(avoiding failed: UpstreamID?) {
        let submission = loop.dispatcher.submitSlotless(
            request.id,
            for: request.demand.model,
            avoiding: failed,
            arrived: Instant(request.submittedAt)
        )
        carryOut(exchange.submitted(submission))
    }

    // MARK: - What the exchange decides

    func carryOut(_ action: Exchange.Action) {
        switch action {
        case .none:
            break
        case .wait:
            record.waits(since: Instant(.now()))
            loop.wait(exchange.request, self)
            if picked != nil { waitForPick() } else if loop.configuration.tellsLoading { tellLoading(at: .now()) }
        case .send(let target):
            send(to: target)
        case .connect(let target):
            connect(to: target, loop.pool(for: target.upstream, by: target.route))
        case .connectSoon(_, let attempt):
            loop.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseWithoutMeans) { [self] in
                carryOut(exchange.connectsAgain(attempt))
            }
        case .checkLife(let target, let attempt):
            loop.logger.warning("upstream closed without an answer", metadata: metadata(target))
            loop.dispatcher.brokeOff(target.upstream)
            loop.findOut(whetherAlive: loop.pool(for: target.upstream, by: target.route)) { [self] isAlive in
                guard exchange.target(of: attempt) != nil else { return }
                if isAlive { record.course?.fails(.brokenOff) }
                carryOut(exchange.lifeFound(attempt, isAlive: isAlive))
            }
        case .tellDeath(let target):
            tellDeath(of: target)
        case .retry(let lease, let failure):
            guard let submission = loop.dispatcher.retry(lease, after: failure) else {
                return answer(.upstreamFailed)
            }
            handIn(submission, at: .now())
        case .retryWithoutSlot(let failed, let isUnreachable):
            if isUnreachable { loop.dispatcher.connectFailed(failed) }
            sendFree(avoiding: failed)
        case .findRoom:
            // Answered where it is asked for.
            break
        case .end(let ending, let release):
            if let release { carryOut(release) }
            end(ending)
        }
    }

    func carryOut(_ release: Exchange.Release) {
        if release.abandonsConnection { upstream?.abandon() }
        upstream = nil
        switch release.target {
        case .slot: giveBack(release.target, release.outcome)
        case .free(let upstream, _): if release.outcome == .serverDied { loop.dispatcher.connectFailed(upstream) }
        }
    }

    private func end(_ ending: Exchange.Ending) {
        switch ending {
        case .rejected(let rejection, let lastFailure):
            answer(rejection, lastFailure: lastFailure)
        case .noConnection(let reason): answer(.noConnection(reason))
        case .noMeans(let reason): answer(.noMeansToConnect(reason))
        case .brokenOff: answer(.upstreamFailed)
        case .serverDied(let address): answer(.serverDied(address))
        case .malformed(let reason): answer(.malformedAnswer(reason))
        }
    }

    // MARK: - Sending

    func send(to target: Target, at now: NIODeadline = .now()) {
        if request.tenant?.models != nil, let refusal = refusalOfOnlyModel() {
            giveBack(target, .unsent)
            return answer(refusal)
        }
        if !request.loading.isUntold { endLoadingTale() }
        let pool = loop.pool(for: target.upstream, by: target.route)
        record.stopsWaiting(at: Instant(now))
        if case .slot(let lease) = target { record.takes(slots: lease.slots, at: Instant(now)) }
        record.goes(to: target.route, named: pool.name(at: loop.sweptAt, from: loop.dispatcher))
        if case .free = target, isForOneServer {
            record.choice = Choice(ground: request.namesServer ? .named : .owner)
        }
        if record.course != nil { beginAttempt(at: target, now) }
        if picked != nil { return pick(target) }
        if exchange.mayReuseConnection, let connection = pool.take(at: now) {
            use(connection, for: target, at: now)
        } else {
            connect(to: target, pool)
        }
    }

    private func beginAttempt(at target: Target, _ now: NIODeadline) {
        let choice =
            switch target {
            case .slot(let lease): loop.dispatcher.choice(of: lease)
            case .free: record.choice
            }
        let name = record.upstreamName
        record.course?.goes(to: target.route, named: name, because: choice, at: Instant(now))
    }

    private func connect(to target: Target, _ pool: UpstreamPool) {
        if picked != nil { return pick(target) }
        record.course?.connects(at: Instant(.now()))
        let attempt = exchange.connects(to: target)
        loop.connect(to: pool) { [self] result in
            guard let target = exchange.target(of: attempt) else {
                // The client left meanwhile; the connection will serve the next one.
                if case .success(let connection) = result { connection.becomeIdle() }
                return
            }
            switch result {
            case .success(let connection): use(connection, for: target, at: .now())
            case .failure(let error): connectFailed(attempt, target, error)
            }
        }
    }

    private func use(_ connection: UpstreamConnection, for target: Target, at now: NIODeadline) {
        let name = nameOfModel(at: target)
        goesOut(to: target, naming: name, at: now)
        guard let message = request.message else { return }
        upstream = connection
        connection.send(message, naming: name, for: self, answering: request.method)
    }

    /// - Parameter name: what its model is called there, if it isn't as the request calls it.
    func goesOut(to target: Target, naming name: String?, at now: NIODeadline) {
        request.sentAt = now
        record.sent = Instant(now)
        if record.course != nil { tellSpan(naming: name, at: now) }
        if case .slot = target, let conversation = request.conversation {
            loop.dispatcher.remember(conversation, on: target.upstream)
        }
        if case .slot = target { loop.metrics.queueWait.record(nanoseconds: (now - request.submittedAt).nanoseconds) }
        exchange.sent(to: target)
    }

    /// The upstream sees the attempt as its parent.
    ///
    /// - Parameter name: what its model is called there, if it isn't as the request calls it.
    private func tellSpan(naming name: String?, at now: NIODeadline) {
        record.course?.isSent(naming: name == request.demand.model ? nil : name, at: Instant(now))
        if let span = record.course?.spanForUpstream { request.message?.setSpan(span) }
    }

    /// What the model is called there; nil: as the request calls it.
    func nameOfModel(at target: Target) -> String? {
        switch target {
        case .slot(let lease): return lease.model
        case .free(let upstream, _):
            guard let model = request.demand.model, request.message?.bodyBytes ?? 0 > 0 else { return nil }
            return loop.dispatcher.name(of: model, at: upstream)
        }
    }

    func timeSinceSent(at now: NIODeadline = .now()) -> Int64 {
        (now - request.sentAt).nanoseconds
    }

    // MARK: - Failures before the first byte of an answer

    private func connectFailed(_ attempt: Exchange.Attempt, _ target: Target, _ error: any Error) {
        if NetworkFailure.isTimeout(error) { waitedInVain(for: .connection) }
        let isOwnFault = NetworkFailure.isOwn(error)
        connectFailed(attempt, target, NetworkFailure.inWords(error), isOwnFault: isOwnFault)
    }

    /// - Parameter reason: in words.
    func connectFailed(_ attempt: Exchange.Attempt, _ target: Target, _ reason: String, isOwnFault: Bool) {
        loop.logger.warning("cannot connect to upstream", metadata: metadata(target, ["error": "\(reason)"]))
        let action = exchange.connectFailed(attempt, reason, isOwnFault: isOwnFault, at: Instant(.now()))
        if case .connectSoon = action {} else { record.course?.fails(isOwnFault ? .noMeans : .noConnection, reason) }
        carryOut(action)
    }

    private static let pauseWithoutMeans: TimeAmount = .milliseconds(50)

    /// The connection ended before a byte of an answer came.
    func brokeOff(_ extent: BrokenOff) {
        upstream = nil
        if case .awaitingResponse(let target) = exchange.state, case .unread(wasIdle: false) = extent {
            loop.logger.warning("upstream closed before it had read a request", metadata: metadata(target))
            record.course?.fails(.noConnection, "it closed the connection before it had read the request")
        }
        carryOut(exchange.brokeOff(extent))
    }

    /// A request and its upstream ended together, as it seems.
    private func tellDeath(of target: Target) {
        var isSuspect = true
        switch target {
        case .slot(let lease):
            let choice = loop.dispatcher.choice(of: lease)
            if let submission = loop.dispatcher.serverDied(lease) {
                record.course?.fails(.brokenOff)
                return handIn(submission, at: .now())
            }
            record.choice = choice
        case .free(let upstream, _):
            isSuspect = loop.dispatcher.serverDied(upstream, sentAt: record.sent ?? Instant(.now()))
        }
        let action = exchange.upstreamDied(target, isSuspect: isSuspect)
        guard case .end = action else {
            record.course?.fails(.brokenOff)
            return carryOut(action)
        }
        loop.metrics.diedWithServer += 1
        record.course?.fails(.serverDied)
        loop.logger.warning(
            "a request and its upstream ended together: the request isn't sent to another one",
            metadata: metadata(target)
        )
        carryOut(action)
    }

    /// The upstream has executed nothing.
    ///
    /// - Returns: false if what it said is the answer, since nobody else would do better.
    func goesElsewhere(after reason: NotExecuted) -> Bool {
        guard case .awaitingResponse(let target) = exchange.state else { return false }
        let action = exchange.notExecuted(reason)
        switch reason {
        case .unavailable(.loading):
            loop.logger.info("upstream is not ready", metadata: metadata(target))
            record.course?.fails(.unavailable)
        case .unavailable(.other(let text)):
            loop.logger.warning("upstream is unavailable", metadata: metadata(target, ["answer": "\(text)"]))
            record.course?.fails(.refused, text)
        case .withoutRoom(let tokens):
            guard case .findRoom(let lease, _) = action,
                let submission = loop.dispatcher.findRoom(lease, tokens: tokens)
            else { return false }
            loop.logger.info(
                "upstream has no room for a prompt",
                metadata: metadata(target, ["tokens": "\(tokens)"])
            )
            record.course?.fails(.noRoom)
            upstream = nil
            carryOut(exchange.roomFound(submission))
            return true
        }
        upstream = nil
        carryOut(action)
        return true
    }

    /// Whether there may be servers with more room than others have.
    var mayFindRoom: Bool { exchange.mayGoElsewhere && loop.dispatcher.readsSizes }

    /// The upstream's answer is not HTTP.
    func upstreamMalformed(_ reason: String) {
        guard case .awaitingResponse(let target) = exchange.state else { return }
        loop.logger.warning("upstream answer is malformed", metadata: metadata(target, ["error": "\(reason)"]))
        carryOut(exchange.malformed(reason))
    }

    // MARK: - Where the request is

    /// Whether nothing has been decided of the request that asked several servers. Its client may have left meanwhile, and asked
    /// for something else since.
    func isDeciding(_ id: RequestID) -> Bool {
        guard request.id == id, case .exchanging = link.phase, case .deciding = exchange.state else { return false }
        return true
    }

    /// The connection whose response is being relayed.
    var relayed: UpstreamConnection? {
        guard case .exchanging = link.phase, case .relaying = exchange.state else { return nil }
        return upstream
    }

    // MARK: - The client leaves

    /// At whatever stage: its place in the queue is free at once, its slot when nothing of it runs there any more.
    ///
    /// - Parameter goesOn: its server may go on all the same.
    func clientLeft(goesOn: Bool = false) {
        let stage = stage
        if case .exchanging = link.phase {
            leaveBehind(exchange.clientLeft(goesOn: goesOn || request.conversation != nil))
        }
        link.isClosed()
        received = ReceiveBuffer()
        let left = RequestOutcome.clientLeft(stage ?? .answering)
        endRequest(outcomeOfLeaving ?? (loop.isClosed ? .refused(.shuttingDown) : left))
    }

    func leaveBehind(_ departure: Exchange.Departure) {
        switch departure {
        case .nothing:
            break
        case .fromQueue(let place):
            loop.leave(exchange.request)
            switch place {
            case .slot(let ticket): _ = loop.dispatcher.cancel(ticket)
            case .server: _ = loop.dispatcher.cancelSlotless(exchange.request)
            }
        case .beforeSending(let release):
            carryOut(release)
        case .fromUpstream(let target):
            leave(target, goesOn: false)
        case .fromGeneration(let target):
            leave(target, goesOn: true)
        }
    }

    private func leave(_ target: Target, goesOn: Bool) {
        guard let upstream else {
            // What an Envoy carried: whether the server has noticed, nobody tells. It notices by its next token, if there are any.
            guard picked != nil else { return }
            giveBack(target, .clientLeft(runsOn: goesOn || record.status == 0 ? .untilItLooks : .briefly))
            return
        }
        self.upstream = nil
        if request.charge != nil { leftAnswer(of: upstream, goesOn: goesOn) }
        if case .slot(let lease) = target, !goesOn {
            let choice = loop.dispatcher.choice(of: lease)
            if upstream.sayGoodbye(for: lease) {
                record.choice = choice
                request.unreturnedSlots = lease.slots
                return
            }
        }
        let runsOn = goesOn ? .untilItLooks : upstream.link.runsOn(upstream.relay)
        upstream.abandon()
        giveBack(target, .clientLeft(runsOn: runsOn))
    }

    /// - Parameter use: what the answer says of its tokens.
    func giveBack(_ target: Target, _ outcome: Outcome, use: ReportedUsage? = nil) {
        guard case .slot(let lease) = target else { return }
        record.choice = loop.dispatcher.finished(lease, outcome, use: use)
        if outcome.leavesSlotsBusy, record.choice != nil { request.unreturnedSlots = lease.slots }
    }

    /// The one place where a request ends, whichever way.
    func endRequest(_ outcome: RequestOutcome) {
        guard hasRequest else { return }
        let (id, isWithoutKey, unreturnedSlots) = (request.id, request.isWithoutKey, request.unreturnedSlots)
        if request.charge != nil { settleCharge() }
        record.ends(outcome, at: Instant(.now()))
        if unreturnedSlots > 0 { loop.keepsSlots(unreturnedSlots, of: id, record) }
        record.answerBytes = bytesWritten - bytesWrittenBefore
        request = .none
        countHeldBytes()
        if isWithoutKey { loop.endWithoutKey() }
        if record.course != nil {
            loop.configuration.tracedRequests?.add(record)
            record.course = nil
        }
        // What is there from now on is nobody's, until the next request begins one.
        loop.endRequest(&record)
    }

    func metadata(_ target: Target, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
        var metadata = more
        metadata["upstream"] = "\(target.route.address)"
        if hasRequest { metadata["request_id"] = "\(request.identifier)" }
        return metadata
    }
}
