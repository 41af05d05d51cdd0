import Dispatch

#if os(Windows)
    import CRT
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What asks the process to end, for as long as this lives.
struct ProcessSignals {
    let wishesToStop: AsyncStream<CInt>

    #if os(Windows)
        private static let (stream, feed) = AsyncStream.makeStream(of: CInt.self, bufferingPolicy: .bufferingNewest(8))

        /// Ctrl-C and Ctrl-Break, by one of which whatever runs services stops them.
        init() {
            wishesToStop = Self.stream
            for number in [SIGINT, SIGBREAK] { Self.arm(number) }
        }

        /// Windows runs a handler on a thread of its own, and once.
        private static func arm(_ number: CInt) {
            _ = signal(number) { number in
                ProcessSignals.arm(number)
                ProcessSignals.feed.yield(number)
            }
        }

        func end() {}
    #else
        private let sources: [any DispatchSourceSignal]

        init() {
            let (stream, feed) = AsyncStream.makeStream(of: CInt.self, bufferingPolicy: .bufferingNewest(8))
            // Of a terminal that is closed, and of a connection whose other end is gone.
            for number in [SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
            wishesToStop = stream
            sources = [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { feed.yield(number) }
                source.activate()
                return source
            }
        }

        func end() {
            for source in sources { source.cancel() }
        }
    #endif
}
