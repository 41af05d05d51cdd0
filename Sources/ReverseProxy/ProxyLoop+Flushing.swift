// Hot path: this runs for every relayed chunk. Nothing here may allocate per chunk or wait.

import NIOCore
import Scheduling

// What was written in a turn of the event loop goes out at its end.

extension ProxyLoop {
    /// Flushing once at the end of the tick, instead of at each write, saves a system call whenever several chunks for
    /// one connection arrive together, and lets the kernel wake peers in one go: 7 % per event, measured.
    func flushLater(_ connection: ClientConnection) {
        dirtyClients.append(connection)
        scheduleFlush()
    }

    func flushLater(_ connection: UpstreamConnection) {
        dirtyUpstreams.append(connection)
        scheduleFlush()
    }

    func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        if let flushTask {
            eventLoop.execute(flushTask)
            return
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let task: @Sendable () -> Void = { bound.value.flush() }
        flushTask = task
        eventLoop.execute(task)
    }

    /// Requests go out first: a slot stands idle until its next one is there.
    ///
    /// A flush that fails ends its channel synchronously, whose handlers may write to others: so the lists are walked by
    /// index and may grow meanwhile.
    private func flush() {
        var index = 0
        while index < leases.count {
            dispatched(leases[index])
            index += 1
        }
        leases.removeAll(keepingCapacity: true)
        index = 0
        while index < dirtyUpstreams.count {
            dirtyUpstreams[index].flush()
            index += 1
        }
        dirtyUpstreams.removeAll(keepingCapacity: true)
        index = 0
        while index < dirtyClients.count {
            dirtyClients[index].flush()
            index += 1
        }
        dirtyClients.removeAll(keepingCapacity: true)
        isFlushScheduled = false
        // What was to be done after its turn.
        if !leases.isEmpty || !dirtyUpstreams.isEmpty || !dirtyClients.isEmpty { scheduleFlush() }
    }
}
