import EndpointPicking
import ExtProcMessages
import FleetMetrics
import HTTPFraming
import LlamaServer
import NIOCore
import NameResolution
import PickRules
import ProxyExchange
import RequestRecords
import Scheduling

// A request that an Envoy carries: instead of being sent it is told where it goes, and its attempts end by the Envoy's word.

extension ClientConnection: PickServer {
    // MARK: - Where it goes

    func pick(_ target: Target) {
        let attempt = exchange.connects(to: target)
        guard case .pick(let stream) = transport, stream.takesPick else { return comeAgain() }
        locate(attempt, target, for: stream)
    }

    private func locate(_ attempt: Exchange.Attempt, _ target: Target, for stream: PickStream<ClientConnection>) {
        let route = target.route
        guard !route.usesTLS, route.address.socketPath == nil else {
            let reason = "an Envoy can be sent to it only by plain HTTP at an address and a port"
            return connectFailed(attempt, target, reason, isOwnFault: false)
        }
        if let address = loop.pool(for: target.upstream, by: route).socketAddress {
            return pick(target, at: address, for: stream)
        }
        loop.names.addresses(of: route.address.host, port: route.address.port, on: loop.eventLoop).assumeIsolated()
            .whenComplete { [self] result in
                guard let target = exchange.target(of: attempt) else { return }
                guard case .pick(let stream) = transport, stream.takesPick else { return comeAgain() }
                if case .success(let addresses) = result, let address = addresses.first {
                    pick(target, at: address, for: stream)
                } else {
                    let reason = "the name '\(route.address.host)' leads to no address"
                    connectFailed(attempt, target, reason, isOwnFault: false)
                }
            }
    }

    private func pick(_ target: Target, at address: SocketAddress, for stream: PickStream<ClientConnection>) {
        guard let host = address.ipAddress, let port = address.port else { return }
        let name = nameOfModel(at: target)
        goesOut(to: target, naming: name, at: .now())
        var pick = Pick(address.protocol == .inet6 ? "[\(host)]:\(port)" : "\(host):\(port)")
        let own = loop.pool(for: target.upstream, by: target.route).ownLines
        if let message = request.message {
            pick.change(message, own, keepsConversation: request.conversation != nil)
            if request.hasOwnCookies {
                if let others = message.value(of: "cookie") {
                    pick.set.append(.init("cookie", others))
                } else {
                    pick.remove.append("cookie")
                }
            }
            if picked == .told { pick.body = message.body(naming: name) }
        }
        if let course = record.course { pick.set.append(.init("traceparent", course.parentInWords)) }
        loop.metrics.picks += 1
        stream.pick(pick)
    }

    /// It is queued: after an attempt that failed, it waits on the stream of the next one.
    func waitForPick() {
        guard case .pick(let stream) = transport, !stream.takesPick else { return }
        comeAgain()
    }

    private func comeAgain() {
        guard case .pick(let stream) = transport else { return }
        guard let id = stream.start?.attemptID else {
            leaveBehind(exchange.cannotBeSentAgain())
            return answer(.upstreamFailed)
        }
        transport = .awaited(KeptAnswer())
        loop.keep(self, as: id)
        stream.sendAgain()
    }

    /// The next attempt has come.
    func resume(on stream: PickStream<ClientConnection>) {
        guard case .awaited(let answer) = transport else { return }
        transport = .pick(stream)
        if answer.bytes.readableBytes > 0 {
            stream.write(answer.bytes)
            return stream.close()
        }
        if case .connecting(let target, let attempt) = exchange.state { locate(attempt, target, for: stream) }
    }

    /// Who is about to stop has Envoy ask again, and with it whoever comes next.
    func writeAgain(into head: inout ByteBuffer) {
        guard case .pick(let stream) = transport, stream.comesAgain else { return }
        head.writeString("\(PickStart.againField): 1\r\n")
    }

    // MARK: - What Envoy tells

    func pickOpened() {
        opened()
    }

    func pickReceived(_ bytes: ByteBuffer) {
        take(bytes)
    }

    func pickGathers() {
        guard !countHeldBytes() else { return }
        switch link.phase {
        case .idle, .readingHead, .readingBody: refuseUnfinished(tooManyBytesHeld)
        case .exchanging, .closing, .lingering, .closed: break
        }
    }

    func pickFailed(_ failure: PickFailure, details: String) {
        guard case .pick(let stream) = transport else { return }
        guard case .awaitingResponse(let target) = exchange.state else { return stream.passOn() }
        loop.metrics.picksFailed += 1
        // Where nobody comes again, nobody else can have it.
        if !stream.comesAgain { exchange.isForOneServer = true }
        switch failure {
        case .envoyIsFull where !stream.comesAgain:
            answer(.noMeansToConnect("Envoy has as many requests there as it may"), afterAttempt: .unsent)
        case .notConnected, .envoyIsFull:
            let attempt = exchange.connects(to: target)
            let reason = "Envoy has no connection to it\(details.isEmpty ? "" : " (\(details))")"
            connectFailed(attempt, target, reason, isOwnFault: failure == .envoyIsFull)
        case .brokenOff:
            carryOut(exchange.brokeOff(.perhapsExecuted))
        case .unavailable:
            guard exchange.mayGoElsewhere, goesElsewhere(after: .unavailable(.loading)) else {
                pickAnswers(status: 503)
                return stream.passOn()
            }
        }
    }

    func pickAnswers(status: Int) {
        guard let target = beginRelaying() else { return }
        let now = NIODeadline.now()
        let pool = loop.pool(for: target.upstream, by: target.route)
        pool.metrics.answersByClass[min(max(status, 0) / 100, 9)] += 1
        pool.metrics.timeToFirstByte.record(nanoseconds: timeSinceSent(at: now))
        record.isAnswered(status, at: Instant(now))
    }

    func pickEnded(_ ending: PickConversation.Ending) {
        switch ending {
        case .nothing, .clientLeft, .cut: closed()
        case .answered:
            pickAnswered()
            closed()
        case .outOfSight: closed(goesOn: true)
        }
    }

    private func pickAnswered() {
        // One that goes on without its client may do so now: whether that has left nobody tells.
        guard case .relaying(let target) = exchange.state, request.conversation == nil else { return }
        let pool = loop.pool(for: target.upstream, by: target.route)
        pool.metrics.answerTime.record(nanoseconds: timeSinceSent())
        endAnswer(nil, status: record.status)
    }
}

extension RequestCourse {
    /// W3C Trace Context 3.2: the trace goes on below the span of this attempt.
    fileprivate var parentInWords: String {
        let digits = [trace.high, trace.low].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        let span = String(spanForUpstream.rawValue, radix: 16)
        return "00-\(digits[0])\(digits[1])-\(String(repeating: "0", count: 16 - span.utf8.count))\(span)-01"
    }
}

extension Pick {
    /// What a server gets in its request's head instead of what the client wrote.
    ///
    /// - Parameter keepsConversation: whether it may be found again by what its head says.
    fileprivate mutating func change(_ message: RequestMessage, _ own: UpstreamLines?, keepsConversation: Bool) {
        remove = ["x-paddler-agent", "x-paddler-class", "x-paddler-explain", "x-paddler-trace"]
        if !keepsConversation { remove.append("x-conversation-id") }
        guard let own else { return }
        if let key = own.bearer, message.takesUpstreamKey {
            set.append(.init("authorization", key))
            remove.append("x-api-key")
        }
        if !own.pathPrefix.isEmpty, let target = message.target, target.hasPrefix("/") {
            set.append(.init(":path", String(decoding: own.pathPrefix, as: UTF8.self) + target))
        }
    }
}
