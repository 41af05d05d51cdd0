import AccessControl
import FleetMetrics
import Logging
import NIOCore
import Synchronization
import TransportSecurity

/// The management listener's connections, and which of them may stay. Any thread may call it.
final class ManagementConnections: Sendable {
    private struct State {
        var places: ConnectionPlaces
        /// Bounded by the places.
        var channels: [ConnectionPlaces.Number: any Channel] = [:]
        var numbers: [ObjectIdentifier: ConnectionPlaces.Number] = [:]
        /// Of those that have shown one. Bounded as the numbers.
        var certificates: [ObjectIdentifier: ClientCertificate] = [:]
        /// Closed to make room, and not told of yet.
        var unsaid = 0

        /// - Returns: what is to be closed.
        mutating func forget(_ number: ConnectionPlaces.Number) -> (any Channel)? {
            places.left(number)
            guard let channel = channels.removeValue(forKey: number) else { return nil }
            numbers[ObjectIdentifier(channel)] = nil
            certificates[ObjectIdentifier(channel)] = nil
            return channel
        }
    }

    private let state: Mutex<State>
    private let refusals: ManagementRefusals
    private let logger: Logger

    init(limits: ConnectionPlaces.Limits, refusals: ManagementRefusals, logger: Logger) {
        state = Mutex(State(places: ConnectionPlaces(limits: limits)))
        self.refusals = refusals
        self.logger = logger
    }

    /// A connection was accepted: it, or another one in its place, is closed when there is no room.
    func arrived(_ channel: any Channel) {
        let address = IPAddress(of: channel)
        let excess: (any Channel)? = state.withLock { state in
            switch state.places.arrived(from: address) {
            case .refused:
                state.unsaid += 1
                return channel
            case .accepted(let number, let displaced):
                state.channels[number] = channel
                state.numbers[ObjectIdentifier(channel)] = number
                guard let displaced else { return nil }
                state.unsaid += 1
                return state.forget(displaced)
            }
        }
        channel.closeFuture.whenComplete { [self] _ in left(channel) }
        guard let excess else { return }
        refusals.count(.connection)
        excess.close(promise: nil)
    }

    /// The other end has shown this certificate.
    func identified(_ channel: any Channel, by certificate: ClientCertificate) {
        state.withLock { state in
            guard state.numbers[ObjectIdentifier(channel)] != nil else { return }
            state.certificates[ObjectIdentifier(channel)] = certificate
        }
    }

    /// What the other end has shown.
    func certificate(of channel: any Channel) -> ClientCertificate? {
        state.withLock { $0.certificates[ObjectIdentifier(channel)] }
    }

    func asks(_ channel: any Channel) {
        with(channel) { $0.asks($1) }
    }

    func admitted(_ channel: any Channel, with credential: Credential?) {
        with(channel) { $0.admitted($1, with: credential) }
    }

    func answered(_ channel: any Channel) {
        with(channel) { $0.answered($1) }
    }

    /// Closes connections of those who would not be let in any more, and tells the log what had to make room.
    func look(_ isAdmitted: (Credential) -> Bool) {
        let (withdrawn, unsaid): ([any Channel], Int) = state.withLock { state in
            let unsaid = state.unsaid
            state.unsaid = 0
            return (state.places.withdrawn(isAdmitted).compactMap { state.forget($0) }, unsaid)
        }
        for channel in withdrawn { channel.close(promise: nil) }
        if !withdrawn.isEmpty {
            logger.warning(
                "connections closed: what they had shown lets nobody in any more",
                metadata: [
                    "count": "\(withdrawn.count)",
                    "hint": "a token was taken away, a certificate has expired, or its authority was taken away",
                ]
            )
        }
        if unsaid > 0 {
            logger.warning(
                "management connections closed that had asked for nothing, to make room",
                metadata: ["count": "\(unsaid)"]
            )
        }
    }

    private func left(_ channel: any Channel) {
        state.withLock { state in
            guard let number = state.numbers.removeValue(forKey: ObjectIdentifier(channel)) else { return }
            state.channels[number] = nil
            state.certificates[ObjectIdentifier(channel)] = nil
            state.places.left(number)
        }
    }

    private func with(_ channel: any Channel, _ body: (inout ConnectionPlaces, ConnectionPlaces.Number) -> Void) {
        state.withLock { state in
            guard let number = state.numbers[ObjectIdentifier(channel)] else { return }
            body(&state.places, number)
        }
    }
}
