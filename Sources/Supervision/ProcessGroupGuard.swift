#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A process that leads the group of a server's processes, and kills all of them when whoever started it is gone, however
/// that ended.
///
/// Its standard input is a pipe that nobody writes to: it ends with the process at its other end. A signal for the death of a
/// parent, as Linux has one, would reach the server alone and not what it has started; and macOS has none.
public enum ProcessGroupGuard {
    /// What a program is started with to be one.
    public static let argument = "guard-process-group"

    /// This program, as it can be started again.
    public static var program: String {
        #if os(Linux)
            // Of the file that runs, even where another has taken its place.
            "/proc/self/exe"
        #else
            CommandLine.arguments[0]
        #endif
    }

    /// Becomes one if that is what this process was started for.
    public static func runIfWanted(_ arguments: [String]) {
        guard arguments == [argument] else { return }
        // Somebody has tried it by hand: their shell's other processes are none of ours.
        guard getpgrp() == getpid() else { exit(64) }
        for wish in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE] { signal(wish, SIG_IGN) }
        // From now on it holds.
        var byte: UInt8 = 0
        _ = write(STDOUT_FILENO, &byte, 1)
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            guard count > 0 || count < 0 && errno == EINTR else { break }
        }
        kill(0, SIGKILL)
        exit(0)
    }
}
