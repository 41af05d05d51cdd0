import RequestRecords
import ServiceLifecycle
import UnixSignals

/// Has the access log go on in a new file on SIGHUP, and ends when all of it is written.
struct AccessLogService: Service {
    let log: AccessLog

    func run() async {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for await _ in hangups.cancelOnGracefulShutdown() { log.reopen() }
        log.flush()
    }
}
