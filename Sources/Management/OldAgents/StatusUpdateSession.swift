import AgentProtocol
import Hummingbird
import Logging
import NIOCore
import Scheduling
import ServiceLifecycle
import TransportSecurity

/// One connection of an agent of Paddler 1.x: its upstream lives for as long as this lasts.
struct StatusUpdateSession {
    enum End {
        /// The agent has ended its body.
        case finished
        case refused(RequestFailure)
    }

    let agent: AgentID
    let registry: AgentRegistry
    let fleet: any FleetControl
    let names: AgentNames
    let certificate: ClientCertificate?
    /// How it goes when its connection breaks now.
    let departure: @Sendable () -> Departure
    let logger: Logger

    /// The connection tells whether the agent is there: one that is silent for longer than the listener's idle limit is
    /// closed, before this is over.
    static let maximumSilence: Duration = .nanoseconds(ManagementServer.idleLimit.nanoseconds) + .seconds(15)

    /// Returns when the agent's body ends, with or without the connection, or nothing more is to be read.
    func run(reading body: RequestBody) async -> End {
        // Nothing is ever said to such an agent; that it is to end comes this way.
        let outbox = AgentOutbox()
        return await withTaskGroup(of: End.self) { group in
            group.addTask { await listen(to: body, outbox: outbox) }
            group.addTask {
                try? await outbox.forEachMessage { _ in }
                return .refused(Self.unwanted)
            }
            let end = await withGracefulShutdownHandler {
                await group.next() ?? .finished
            } onGracefulShutdown: {
                outbox.end()
            }
            group.cancelAll()
            return end
        }
    }

    /// Whatever the reason for the end, what the agent has registered is taken back once.
    private func listen(to body: RequestBody, outbox: AgentOutbox) async -> End {
        var number: AgentRegistry.ConnectionNumber?
        var departure = Departure.goodbye
        let end = await read(body, outbox: outbox, &number, &departure)
        if case .refused(let failure) = end {
            departure = .dismissed
            // Of one that has to wait people know already.
            if failure.status != .conflict { fleet.refused(agent, of: nil, reason: failure.message) }
        }
        if outbox.isEnding { departure = .dismissed }
        if let number { await registry.leave(agent, departure, number: number) }
        return end
    }

    private func read(
        _ body: RequestBody,
        outbox: AgentOutbox,
        _ number: inout AgentRegistry.ConnectionNumber?,
        _ departure: inout Departure
    ) async -> End {
        var splitter = JSONObjectSplitter()
        do {
            for try await bytes in body {
                for object in try splitter.append(bytes.readableBytesView) {
                    let status = try StatusUpdate.decode(json: object)
                    if let objection = names.objection(to: status.name, with: certificate) {
                        return .refused(RequestFailure(status: .forbidden, message: objection))
                    }
                    let report = UpstreamReport(
                        status,
                        from: agent,
                        at: fleet.now(),
                        maximumSilence: Self.maximumSilence
                    )
                    if number == nil { number = await registry.register(agent, outbox: outbox) }
                    guard let number, let standing = await registry.report(report, from: number) else { continue }
                    // It understands no message; it comes back by itself and asks again.
                    if let text = standing.text(for: report.address) {
                        return .refused(RequestFailure(status: .conflict, message: text))
                    }
                }
            }
        } catch let error as MessageError {
            return .refused(.badRequest(error.description))
        } catch let error as ReportError {
            return .refused(.badRequest(error.description))
        } catch {
            logger.debug("agent connection broke", error: error)
            departure = self.departure()
            return .finished
        }
        return splitter.isBetweenObjects ? .finished : .refused(.badRequest("the body ended within a message"))
    }

    private static let unwanted = RequestFailure(
        status: .serviceUnavailable,
        message: "the balancer is stopping, or another connection speaks for this agent by now"
    )
}
