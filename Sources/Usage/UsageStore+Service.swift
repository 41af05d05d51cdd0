public import ServiceLifecycle

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension UsageStore: Service {
    private static let ageInterval: Duration = .seconds(3600)

    /// Forgets what has become old, once an hour, until a graceful shutdown; then writes what there is.
    public func run() async {
        await cancelWhenGracefulShutdown {
            // No event says that an hour has passed. The sleep ends with an error when the process is to end.
            repeat { await self.age() } while (try? await Task.sleep(for: Self.ageInterval)) != nil
        }
        finish()
    }

    /// In seconds since 1970.
    public static var wallClock: Int { time(nil) }
}
