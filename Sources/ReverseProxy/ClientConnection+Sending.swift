import AccessControl
import FleetMetrics
import HTTPFraming
import LlamaServer
import Logging
import NIOCore
import NetworkFailures
import RequestRecords
import Scheduling

extension ClientConnection {
    // MARK: - Finding an upstream

    /// The request is whole: it goes to an upstream, or into the queue, or is refused.
    func submit() {
        guard let id = request?.id else { return }
        state = .submitting
        let now = NIODeadline.now()
        request?.submittedAt = now
        record.received = Instant(now)
        // Of a request without a body it is known from its target.
        if let model = request?.message?.model() { request?.demand.model = model }
        record.model = request?.demand.model
        if request?.tenant?.models != nil, let refusal = refusalOfModel() { return answer(refusal) }
        if let ownership = request?.ownership, submitToOwner(ownership) { return }
        guard request?.dialect != nil else { return sendFree(avoiding: nil) }
        // A whole answer ends with its client, id or not.
        if request?.conversation != nil, request?.message?.asksForStream() != true { request?.conversation = nil }
        let (model, session) = (request?.demand.model, request?.session)
        let reading = loop.dispatcher.promptReading
        let readsSizes = loop.dispatcher.readsSizes
        var demand =
            request?.message?.demand(model: model, session: session, reading, readsSizes: readsSizes)
            ?? RequestDemand(model: model)
        if let rank = request?.rank { demand.priority = rank }
        demand.terms = terms
        request?.demand = demand
        if request?.tenant != nil, let refusal = chargeTenant(at: now) { return answer(refusal) }
        if case .one(let upstream) = request?.ownership {
            return carryOut(loop.dispatcher.submit(id, on: upstream.id, for: demand, at: Instant(now)), at: now)
        }
        carryOut(loop.dispatcher.submit(id, for: demand, at: Instant(now)), at: now)
    }

    private func carryOut(_ submission: Submission, at now: NIODeadline) {
        guard let id = request?.id else { return }
        switch submission {
        case .dispatch(let lease):
            send(to: .slot(lease), at: now)
        case .queued(let ticket):
            state = .queued(.slot(ticket))
            record.waits(since: Instant(now))
            loop.wait(id, self)
        case .reject(let rejection):
            refuse(rejection)
        }
    }

    /// The scheduler has no upstream for the request, or no place for it.
    func refuse(_ rejection: Rejection) {
        let rejection = request?.tenant?.models.map(rejection.telling) ?? rejection
        answer(LocalAnswer(rejection, lastFailure: request?.lastFailure))
    }

    func sendFree(avoiding failed: UpstreamID?) {
        guard let request else { return }
        let arrived = Instant(request.submittedAt)
        let submission = loop.dispatcher.submitSlotless(
            request.id,
            for: request.demand.model,
            avoiding: failed,
            arrived: arrived
        )
        switch submission {
        case .send(let upstream, let route):
            send(to: .free(upstream, route))
        case .waits:
            state = .queued(.server)
            record.waits(since: Instant(.now()))
            loop.wait(request.id, self)
        case .reject(let rejection):
            refuse(rejection)
        }
    }

    // MARK: - Sending

    func send(to target: Target, at now: NIODeadline = .now()) {
        if request?.tenant?.models != nil, let refusal = refusalOfOnlyModel() {
            state = .submitting
            giveBack(target, .unsent)
            return answer(refusal)
        }
        let pool = loop.pool(for: target.upstream, by: target.route)
        record.stopsWaiting(at: Instant(now))
        if case .slot(let lease) = target { record.takes(slots: lease.slots, at: Instant(now)) }
        record.goes(to: target.route, named: pool.name(at: loop.sweptAt, from: loop.dispatcher))
        if case .free = target, isForOneServer {
            record.choice = Choice(ground: request?.namesServer == true ? .named : .owner)
        }
        if record.course != nil { beginAttempt(at: target, now) }
        // Where one connection broke, others that were opened before may be as dead.
        if request?.timesBrokenOff == 0, let connection = pool.take() {
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
        record.course?.connects(at: Instant(.now()))
        connectAttempts += 1
        let attempt = connectAttempts
        state = .connecting(target, attempt: attempt)
        loop.connect(to: pool) { [self] result in
            guard case .connecting(_, attempt) = state else {
                // The client left meanwhile; the connection will serve the next one.
                if case .success(let connection) = result { connection.becomeIdle() }
                return
            }
            switch result {
            case .success(let connection): use(connection, for: target, at: .now())
            case .failure(let error): connectFailed(target, error)
            }
        }
    }

    private func use(_ connection: UpstreamConnection, for target: Target, at now: NIODeadline) {
        request?.sentAt = now
        record.sent = Instant(now)
        request?.withoutMeansSince = nil
        let name = nameOfModel(at: target)
        if record.course != nil { tellSpan(naming: name, at: now) }
        // Not through a copy of the request, which would count four references.
        guard let message = request?.message, let submittedAt = request?.submittedAt, let method = request?.method
        else {
            return
        }
        if case .slot = target, let conversation = request?.conversation {
            loop.dispatcher.remember(conversation, on: target.upstream)
        }
        if case .slot = target { loop.metrics.queueWait.record(nanoseconds: (now - submittedAt).nanoseconds) }
        state = .awaitingAnswer(target, connection)
        connection.send(message, naming: name, for: self, answering: method)
    }

    /// The upstream sees the attempt as its parent.
    ///
    /// - Parameter name: what its model is called there, if it isn't as the request calls it.
    private func tellSpan(naming name: String?, at now: NIODeadline) {
        record.course?.isSent(naming: name == request?.demand.model ? nil : name, at: Instant(now))
        if let span = record.course?.spanForUpstream { request?.message?.setSpan(span) }
    }

    /// What the model is called there; nil: as the request calls it.
    private func nameOfModel(at target: Target) -> String? {
        switch target {
        case .slot(let lease): return lease.model
        case .free(let upstream, _):
            guard let model = request?.demand.model, request?.message?.bodyBytes ?? 0 > 0 else { return nil }
            return loop.dispatcher.name(of: model, at: upstream)
        }
    }

    func timeSinceSent(at now: NIODeadline = .now()) -> Int64 {
        guard let sentAt = request?.sentAt else { return 0 }
        return (now - sentAt).nanoseconds
    }

    // MARK: - Failures before the first byte of an answer

    private func connectFailed(_ target: Target, _ error: any Error) {
        let reason = NetworkFailure.inWords(error)
        if NetworkFailure.isTimeout(error) { waitedInVain(for: .connection) }
        guard !NetworkFailure.isOwn(error) else {
            loop.logger.warning("cannot connect to upstream", metadata: metadata(target, ["error": "\(reason)"]))
            return connectAgainSoon(target, reason)
        }
        unsent(target, reason)
    }

    /// No byte of it was taken, and whatever server comes next may have it.
    private func unsent(_ target: Target, _ reason: String) {
        request?.lastFailure = "the last attempt to connect: \(reason)"
        record.course?.fails(.noConnection, reason)
        loop.logger.warning("cannot connect to upstream", metadata: metadata(target, ["error": "\(reason)"]))
        switch target {
        case .slot(let lease) where isForOneServer:
            state = .submitting
            record.choice = loop.dispatcher.finished(lease, .serverDied)
            answer(.noConnection(reason))
        case .slot(let lease):
            retry(lease, after: .connectFailed)
        case .free(let upstream, _):
            loop.dispatcher.connectFailed(upstream)
            state = .submitting
            if isForOneServer { answer(.noConnection(reason)) } else { sendFree(avoiding: upstream) }
        }
    }

    /// The balancer itself had no descriptor, or no port, left: the request keeps its slot, which nobody could be sent to,
    /// for as long as an upstream would be given to accept a connection.
    private func connectAgainSoon(_ target: Target, _ reason: String) {
        let now = NIODeadline.now()
        let since = request?.withoutMeansSince ?? now
        request?.withoutMeansSince = since
        guard case .connecting(_, let attempt) = state, now - since < TimeAmount(loop.configuration.timeouts.connect)
        else {
            state = .submitting
            record.course?.fails(.noMeans, reason)
            giveBack(target, .unsent)
            return answer(.noMeansToConnect(reason))
        }
        loop.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseWithoutMeans) { [self] in
            guard case .connecting(_, attempt) = state else { return }
            connect(to: target, loop.pool(for: target.upstream, by: target.route))
        }
    }

    private static let pauseWithoutMeans: TimeAmount = .milliseconds(50)

    /// The connection ended before a byte of an answer came.
    func brokeOff(_ extent: BrokenOff) {
        guard case .awaitingAnswer(let target, _) = state else { return }
        switch extent {
        case .unread(wasIdle: true): connect(to: target, loop.pool(for: target.upstream, by: target.route))
        case .unread(wasIdle: false): unsent(target, "it closed the connection before it had read the request")
        case .perhapsExecuted: findOutWhetherAlive(target)
        }
    }

    /// A request that may have ended its server must not go on to end the next one.
    private func findOutWhetherAlive(_ target: Target) {
        loop.logger.warning("upstream closed without an answer", metadata: metadata(target))
        request?.timesBrokenOff += 1
        loop.dispatcher.brokeOff(target.upstream)
        connectAttempts += 1
        let attempt = connectAttempts
        state = .connecting(target, attempt: attempt)
        loop.findOut(whetherAlive: loop.pool(for: target.upstream, by: target.route)) { [self] isAlive in
            guard case .connecting(_, attempt) = state else { return }
            if isAlive { tryAgain(afterBreakOn: target) } else { died(with: target) }
        }
    }

    private func tryAgain(afterBreakOn target: Target) {
        record.course?.fails(.brokenOff)
        switch target {
        case .slot(let lease) where isForOneServer:
            state = .submitting
            record.choice = loop.dispatcher.finished(lease, .failed)
            answer(.upstreamFailed)
        case .slot(let lease):
            retry(lease, after: .brokenOff)
        case .free(let upstream, _):
            state = .submitting
            guard mayBeSentAgain else { return answer(.upstreamFailed) }
            if isForOneServer { send(to: target) } else { sendFree(avoiding: upstream) }
        }
    }

    /// The upstream is gone. The request goes elsewhere only if that can't be its doing.
    private func died(with target: Target) {
        state = .submitting
        switch target {
        case .slot(let lease):
            let choice = loop.dispatcher.choice(of: lease)
            if let submission = loop.dispatcher.serverDied(lease) {
                record.course?.fails(.brokenOff)
                return carryOut(submission, at: .now())
            }
            record.choice = choice
        case .free(let upstream, _):
            let isSuspect = loop.dispatcher.serverDied(upstream, sentAt: record.sent ?? Instant(.now()))
            if !isSuspect, !isForOneServer, mayBeSentAgain {
                record.course?.fails(.brokenOff)
                return sendFree(avoiding: upstream)
            }
        }
        loop.metrics.diedWithServer += 1
        record.course?.fails(.serverDied)
        loop.logger.warning(
            "a request and its upstream ended together: the request isn't sent to another one",
            metadata: metadata(target)
        )
        answer(.serverDied(target.route.address))
    }

    /// Of a request without a slot that may have been executed.
    private var mayBeSentAgain: Bool {
        guard let request else { return false }
        return request.method.isIdempotent && request.timesBrokenOff < loop.configuration.maximumAttemptsAfterSend
    }

    /// The upstream has executed nothing.
    ///
    /// - Returns: false if what it said is the answer, since nobody else would do better.
    func goesElsewhere(after reason: UpstreamConnection.NotExecuted) -> Bool {
        guard case .awaitingAnswer(.slot(let lease), _) = state else { return false }
        switch reason {
        case .unavailable(.loading):
            loop.logger.info("upstream is not ready", metadata: metadata(.slot(lease)))
            record.course?.fails(.unavailable)
            retry(lease, after: .unavailable)
        case .unavailable(.other(let text)):
            loop.logger.warning("upstream is unavailable", metadata: metadata(.slot(lease), ["answer": "\(text)"]))
            request?.timesRefused += 1
            request?.lastFailure = "the last attempt was answered 503: \(text)"
            record.course?.fails(.refused, text)
            retry(lease, after: .refused)
        case .withoutRoom(let tokens):
            guard let submission = loop.dispatcher.findRoom(lease, tokens: tokens) else { return false }
            loop.logger.info(
                "upstream has no room for a prompt",
                metadata: metadata(.slot(lease), ["tokens": "\(tokens)"])
            )
            request?.lastFailure = "the last server had no room for the prompt"
            record.course?.fails(.noRoom)
            state = .submitting
            carryOut(submission, at: .now())
        }
        return true
    }

    /// Whether it needs a slot, and not of one server alone.
    var mayGoElsewhere: Bool { request?.dialect != nil && !isForOneServer }

    /// Whether a 503 that isn't llama-server's own isn't passed on yet: others may do better.
    var mayBeRefusedAgain: Bool { (request?.timesRefused ?? 0) < Self.maximumRefusals - 1 }

    /// Whether there may be servers with more room than others have.
    var mayFindRoom: Bool { mayGoElsewhere && loop.dispatcher.readsSizes }

    private static let maximumRefusals = 3

    /// The upstream's answer is not HTTP.
    func upstreamMalformed(_ reason: String) {
        guard case .awaitingAnswer(let target, _) = state else { return }
        loop.logger.warning("upstream answer is malformed", metadata: metadata(target, ["error": "\(reason)"]))
        answer(.malformedAnswer(reason))
    }

    private func retry(_ lease: Lease, after failure: Failure) {
        state = .submitting
        guard let submission = loop.dispatcher.retry(lease, after: failure) else {
            return answer(.upstreamFailed)
        }
        carryOut(submission, at: .now())
    }

    // MARK: - The client leaves

    /// At whatever stage: its place in the queue is free at once, its slot when nothing of it runs there any more.
    func clientLeft() {
        let state = state
        self.state = .closed
        received = ReceiveBuffer()
        switch state {
        case .readingHead, .readingBody, .submitting, .closing, .lingering, .closed:
            break
        case .queued(let place):
            if let request {
                loop.leave(request.id)
                // If it isn't queued any more, its lease is on its way to the loop, which gives it back.
                switch place {
                case .slot(let ticket): _ = loop.dispatcher.cancel(ticket)
                case .server: _ = loop.dispatcher.cancelSlotless(request.id)
                }
            }
        case .connecting(let target, _):
            // A connection that something in between has ended may not have ended what runs there.
            giveBack(target, .clientLeft(runsOn: request?.timesBrokenOff ?? 0 > 0 ? .untilItLooks : .no))
        case .awaitingAnswer(let target, let upstream), .relaying(let target, let upstream):
            leave(target, upstream)
        }
        let left = RequestOutcome.clientLeft(Self.stage(in: state) ?? .answering)
        endRequest(outcomeOfLeaving ?? (loop.isClosed ? .refused(.shuttingDown) : left))
    }

    /// Where llama-server can tell that it has noticed, or has come to the end of the answer, the slot is leased until then.
    private func leave(_ target: Target, _ upstream: UpstreamConnection) {
        // One that goes on without its client ends its connection long before itself.
        let goesOn = request?.conversation != nil
        if request?.charge != nil { leftAnswer(of: upstream, goesOn: goesOn) }
        if case .slot(let lease) = target, !goesOn {
            let choice = loop.dispatcher.choice(of: lease)
            if upstream.sayGoodbye(for: lease) {
                record.choice = choice
                return
            }
        }
        let runsOn = goesOn ? .untilItLooks : upstream.runsOn
        upstream.abandon()
        giveBack(target, .clientLeft(runsOn: runsOn))
    }

    /// - Parameter use: what the answer says of its tokens.
    func giveBack(_ target: Target, _ outcome: Outcome, use: ReportedUsage? = nil) {
        guard case .slot(let lease) = target else { return }
        record.choice = loop.dispatcher.finished(lease, outcome, use: use)
    }

    /// The one place where a request ends, whichever way.
    func endRequest(_ outcome: RequestOutcome) {
        guard let isWithoutKey = request?.isWithoutKey else { return }
        if request?.charge != nil { settleCharge() }
        record.ends(outcome, at: Instant(.now()))
        record.answerBytes = bytesWritten - bytesWrittenBefore
        request = nil
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
        if let request { metadata["request_id"] = "\(request.identifier)" }
        return metadata
    }
}
