package import NIOCore

/// How an HTTP/2 connection begins, is idle, and ends: RFC 9113 3.4 and 6.8.
///
/// It ends in two steps, so that no request is lost: first the client is told to open no more streams here, and to echo a ping;
/// those that it opens until it has heard that are served. When it has echoed, it is told which was the last.
package struct ConnectionLife: Sendable {
    package enum Action: Equatable, Sendable {
        case none
        /// Tell the client to open no more streams, and have it echo.
        case announceEnd
        /// Tell it which stream is the last.
        case refuse(after: Int)
        /// As ``refuse(after:)``, and there is nothing to wait for.
        case refuseAndClose(after: Int)
        /// It has come to its end.
        case close
        /// The client says nothing, or no HTTP/2.
        case giveUp
    }

    package enum Stage: Equatable, Sendable {
        /// The client hasn't said yet that it knows our settings.
        case beginning(since: NIODeadline)
        case serving
        case endAnnounced(since: NIODeadline)
        case ending
        case ended
    }

    package struct Limits: Sendable {
        /// For the client's preface and for its knowing our settings.
        package var beginning: TimeAmount
        /// Without a stream.
        package var idle: TimeAmount
        /// For the echo of a client that is told to go.
        package var echo = TimeAmount.seconds(5)

        package init(beginning: TimeAmount, idle: TimeAmount) {
            self.beginning = beginning
            self.idle = idle
        }
    }

    package private(set) var stage: Stage
    package private(set) var streams = 0
    private var lastStream = 0
    /// Since when it has had no stream, if it has none.
    package private(set) var idleSince: NIODeadline

    package init(since now: NIODeadline) {
        stage = .beginning(since: now)
        idleSince = now
    }

    /// The client knows our settings.
    package mutating func began() {
        if case .beginning = stage { stage = .serving }
    }

    package mutating func opened(_ stream: Int) {
        streams += 1
        lastStream = max(lastStream, stream)
    }

    package mutating func closed(at now: NIODeadline) -> Action {
        streams -= 1
        guard streams == 0 else { return .none }
        idleSince = now
        guard stage == .ending else { return .none }
        stage = .ended
        return .close
    }

    /// It is to end as soon as what was asked for is answered.
    package mutating func leave(at now: NIODeadline) -> Action {
        switch stage {
        case .beginning, .serving:
            stage = .endAnnounced(since: now)
            return .announceEnd
        case .endAnnounced, .ending, .ended:
            return .none
        }
    }

    /// The client has heard that it is to go.
    package mutating func echoed() -> Action {
        guard case .endAnnounced = stage else { return .none }
        stage = streams == 0 ? .ended : .ending
        return streams == 0 ? .refuseAndClose(after: lastStream) : .refuse(after: lastStream)
    }

    package mutating func timePassed(at now: NIODeadline, _ limits: Limits) -> Action {
        switch stage {
        case .beginning(let start):
            guard now - start >= limits.beginning else { return .none }
            stage = .ended
            return .giveUp
        case .serving:
            return streams == 0 && now - idleSince >= limits.idle ? leave(at: now) : .none
        case .endAnnounced(let start):
            return now - start >= limits.echo ? echoed() : .none
        case .ending, .ended:
            return .none
        }
    }
}
