import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Signals as bytes in a pipe, which can be waited for together with keys.
enum SignalPipe {
    /// Its end for writing; -1: none yet. A signal's handler may use nothing else of this process.
    private static let writing = Atomic<Int32>(-1)

    /// Those that are to end the process come as bytes, too.
    static let handled: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH]

    /// - Returns: the end to read from; each byte is a signal's number.
    static func open() throws(TerminalFailure) -> Int32 {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TerminalFailure("no pipe for signals", errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            // A handler that waits for room would never return.
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        writing.store(ends[1], ordering: .sequentiallyConsistent)
        for number in handled { catchSignal(number) }
        return ends[0]
    }

    static func catchSignal(_ number: Int32) {
        signal(number) { number in
            let saved = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(SignalPipe.writing.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = saved
        }
    }

    /// Stops this process as if it had never caught the signal, and returns when it goes on.
    static func stop() {
        signal(SIGTSTP, SIG_DFL)
        // Threads of the concurrency's pool have all signals blocked.
        var own = sigset_t()
        sigemptyset(&own)
        sigaddset(&own, SIGTSTP)
        var before = sigset_t()
        pthread_sigmask(SIG_UNBLOCK, &own, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        catchSignal(SIGTSTP)
    }
}
