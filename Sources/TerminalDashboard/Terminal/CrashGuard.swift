import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Gives the terminal back should this process crash: a mistake of ours is not to cost a user the terminal.
enum CrashGuard {
    private static let signals = [SIGABRT, SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE]

    /// The address of what a handler may use, which is made before there is one and never freed. 0: disarmed.
    private static let rescue = Atomic<UInt>(0)

    private struct Rescue {
        var modes: termios
        let bytes: UnsafeMutableBufferPointer<UInt8>
    }

    static func arm(_ modes: termios) {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: ScreenWriter.leave.utf8.count)
        _ = bytes.initialize(from: ScreenWriter.leave.utf8)
        let made = UnsafeMutablePointer<Rescue>.allocate(capacity: 1)
        made.initialize(to: Rescue(modes: modes, bytes: bytes))
        rescue.store(UInt(bitPattern: made), ordering: .sequentiallyConsistent)
        for number in signals { catchSignal(number) }
    }

    static func disarm() {
        for number in signals { signal(number, SIG_DFL) }
        rescue.store(0, ordering: .sequentiallyConsistent)
    }

    private static func catchSignal(_ number: Int32) {
        signal(number) { number in
            let address = CrashGuard.rescue.load(ordering: .sequentiallyConsistent)
            if let rescue = UnsafeMutablePointer<Rescue>(bitPattern: address) {
                _ = write(STDOUT_FILENO, rescue.pointee.bytes.baseAddress, rescue.pointee.bytes.count)
                _ = tcsetattr(STDIN_FILENO, TCSANOW, &rescue.pointee.modes)
            }
            signal(number, SIG_DFL)
            raise(number)
        }
    }
}
