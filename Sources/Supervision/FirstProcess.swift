#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What a program does that is the first process of a container.
///
/// Whatever loses its parent there becomes the first process's child, and stays a zombie until that has asked for its end.
/// So the first process does this and nothing else: the program runs as its child, gets its signals, and ends it with its own
/// end.
public enum FirstProcess {
    /// Returns at once in any other process, and in the child.
    ///
    /// To be called before there is another thread: it blocks signals, which threads inherit.
    public static func standAsideIfFirst() {
        #if os(Linux)
            guard getpid() == 1 else { return }
            var signals = sigset_t()
            sigfillset(&signals)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            guard let child = start() else {
                pthread_sigmask(SIG_UNBLOCK, &signals, nil)
                return
            }
            while true {
                var info = siginfo_t()
                let signal = sigwaitinfo(&signals, &info)
                if signal == SIGCHLD {
                    reap(child)
                } else if signal > 0 {
                    kill(child, signal)
                }
            }
        #endif
    }

    #if os(Linux)
        /// - Returns: nil: it can't be started again.
        private static func start() -> pid_t? {
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var none = sigset_t()
            sigemptyset(&none)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
            let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var child: pid_t = 0
            let result = posix_spawn(&child, ProcessGroupGuard.program, nil, &attributes, arguments, environ)
            return result == 0 ? child : nil
        }

        /// Ends with the child's code, or with that of a shell for its signal.
        private static func reap(_ child: pid_t) {
            var status: CInt = 0
            while true {
                let ended = waitpid(-1, &status, WNOHANG)
                guard ended > 0 else { return }
                guard ended == child else { continue }
                let signal = status & 0x7f
                exit(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
            }
        }
    #endif
}
