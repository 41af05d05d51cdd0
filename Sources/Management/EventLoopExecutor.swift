import NIOCore

/// Runs tasks on an event loop.
///
/// What comes over a connection is then dealt with on the thread that has read it. With 200 agents, whose messages come one
/// by one, handing each to another thread cost a sixth of the balancer's processor time.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
