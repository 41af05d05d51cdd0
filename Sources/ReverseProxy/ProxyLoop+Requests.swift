import LlamaServer
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling
import Usage

// Requests: how many there are, what is told of them when they end, and those that wait for the scheduler's word.

extension ProxyLoop {
    func beginRequest() -> RequestID {
        activeRequests += 1
        requestNumber += 1
        return RequestID(loopIndex: index, number: requestNumber)
    }

    /// - Parameter parent: what the client of the request that begins says of its trace.
    /// - Returns: nil: it isn't traced.
    func beginCourse(under parent: TraceParent?) -> RequestCourse? {
        configuration.tracedRequests?.begin(under: parent, using: &random)
    }

    /// - Parameter record: taken, and any one afterwards.
    func endRequest(_ record: inout RequestRecord) {
        activeRequests -= 1
        configuration.accessLog?.add(record)
        if configuration.usage != nil {
            usage.add(record)
            if isClosed { handUsageOver() }
        }
        recent.take(&record)
    }

    /// Of a request that ends, so many slots are given back later.
    func keepsSlots(_ count: Int, of request: RequestID, _ record: borrowing RequestRecord) {
        // Nobody would say when.
        guard configuration.usage != nil, !isClosed else { return }
        unreturned.add(count, of: request, record)
    }

    /// As soon as the handler that caused it has come to its end: it may be the one in which their request ends.
    func giveBackSlotsLater(_ count: Int, of request: RequestID) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.slotsGivenBack(count, of: request) }
    }

    /// If they were in use after the end of their request, that counts, too.
    func slotsGivenBack(_ count: Int, of request: RequestID) {
        guard !unreturned.isEmpty else { return }
        let now = Instant(.now())
        guard let use = unreturned.giveBack(count, of: request, at: now) else { return }
        usage.add(use, at: now.nanoseconds + wallClockOffset)
    }

    func handUsageOver() {
        guard let store = configuration.usage, !usage.isEmpty else { return }
        store.add(usage.takeAll())
    }

    /// - Returns: false if there are enough of them.
    func beginWithoutKey() -> Bool {
        guard requestsWithoutKey < Self.maximumWithoutKey else { return false }
        requestsWithoutKey += 1
        return true
    }

    func endWithoutKey() {
        requestsWithoutKey -= 1
    }

    func wait(_ request: RequestID, _ connection: ClientConnection) {
        waiting[request] = connection
    }

    func leave(_ request: RequestID) {
        waiting[request] = nil
    }

    /// As soon as the handler that caused it has come to its end.
    func dispatchLater(_ lease: Lease) {
        leases.append(lease)
        scheduleFlush()
    }

    func dispatched(_ lease: Lease) {
        guard let connection = waiting.removeValue(forKey: lease.request) else {
            // The client left while this was on its way here.
            dispatcher.finished(lease, .clientLeft(runsOn: .no))
            return
        }
        connection.send(to: .slot(lease))
    }

    /// The client of a request that needs no slot may have left meanwhile.
    func serverFound(for request: RequestID, _ upstream: UpstreamID, _ route: UpstreamRoute) {
        waiting.removeValue(forKey: request)?.send(to: .free(upstream, route))
    }

    func rejected(_ request: RequestID, _ rejection: Rejection) {
        waiting.removeValue(forKey: request)?.refuse(rejection)
    }
}
