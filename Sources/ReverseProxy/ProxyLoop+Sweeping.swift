import EndpointPicking
import NIOCore
import PickRules
import Scheduling

// What time brings: called twice a second.

extension ProxyLoop {
    /// Ends what has been idle or lingering for too long.
    func sweep() {
        let now = NIODeadline.now()
        let idleSince = now - TimeAmount(configuration.timeouts.upstreamIdle) + Self.sweepInterval
        for pool in pools.values {
            for connection in pool.takeIdle(since: idleSince) { connection.close() }
        }
        for upstream in dispatcher.unknown(of: pools.values.lazy.filter(\.isEmpty).map(\.upstream)) {
            if let pool = pools[upstream] { retire(pool) }
        }
        let overdue = lingering.filter { $0.until <= now }
        lingering.removeAll { $0.until <= now }
        for entry in overdue { entry.connection.close() }
        sweptAt = now
        wallClockOffset = WallClock.offset()
        refusals.sayDue(at: now)
        handUsageOver()
        for front in Array(fronts.values) { front.timePassed(at: now) }
        for picker in Array(pickers.values) { picker.timePassed(at: now) }
        giveUp(awaited.takeOverdue(at: now))
        // A round that hasn't come to its end goes on.
        guard unswept == 0 else { return }
        unswept = clients.count
        sweepClients()
    }

    /// A part of them in each turn of the event loop: who is served by it doesn't wait for all.
    private func sweepClients() {
        let end = max(0, unswept - Self.clientsPerTurn)
        while unswept > end {
            unswept -= 1
            if unswept < clients.count { clients.values[unswept].timePassed(at: sweptAt) }
        }
        guard unswept > 0, !isClosed else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.sweepClients() }
    }

    private static let clientsPerTurn = 1024
}
