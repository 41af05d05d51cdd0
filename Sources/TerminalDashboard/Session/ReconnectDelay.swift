/// How long to wait before the next attempt: longer with each that failed.
struct ReconnectDelay {
    private var failures = 0

    private static let seconds = [1, 1, 2, 3, 5, 10]

    mutating func succeeded() {
        failures = 0
    }

    mutating func failed() -> Duration {
        defer { failures += 1 }
        return .seconds(Self.seconds[min(failures, Self.seconds.count - 1)])
    }
}
