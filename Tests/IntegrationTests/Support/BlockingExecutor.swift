import Dispatch

/// A thread for actors whose calls block, so that they take none of Swift's few.
final class BlockingExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "BlockingExecutor")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
