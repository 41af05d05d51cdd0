/// What signals that ask a process to end come to.
package struct StopSignals {
    /// When the first came, since any fixed moment; nil: none yet.
    private var first: Duration?

    /// A second signal within this time is the same wish: `timeout` signals its child and the whole group, and so do some
    /// supervisors.
    package static let repetition = Duration.seconds(1)

    package enum Decision: Equatable {
        case stop
        case ignore
        case stopAtOnce
    }

    package init() {}

    /// - Parameter now: since any fixed moment.
    package mutating func receive(at now: Duration) -> Decision {
        guard let first else {
            self.first = now
            return .stop
        }
        return now - first < Self.repetition ? .ignore : .stopAtOnce
    }
}
