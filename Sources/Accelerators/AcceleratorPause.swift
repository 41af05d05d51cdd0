/// How long it takes from one look at GPUs to the next: longer and longer while nobody says anything of any.
struct AcceleratorPause: Sendable {
    static let shortest = Duration.seconds(10)
    static let longest = Duration.seconds(300)

    private var next = Self.shortest

    mutating func after(success: Bool) -> Duration {
        guard !success else {
            next = Self.shortest
            return Self.shortest
        }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}
