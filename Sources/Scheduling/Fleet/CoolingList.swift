/// The requests that cool on one upstream, longest first, linked through their records.
struct CoolingList: Sendable {
    var first: Int32?
    var last: Int32?
    /// Since when the first one cools.
    var since = Instant(nanoseconds: 0)
}
