import Scheduling

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How far the wall clock is ahead of the fleet's clock.
///
/// The two are read one after the other, and the wall clock is corrected all the time, so that each look gives another
/// difference. The first one is kept for as long as it is about right: what hasn't changed shall have the same time
/// whenever somebody asks.
struct WallClockOffset: Equatable {
    /// What the wall clock may be off before its new difference is taken: it was set, or the machine was suspended.
    static let tolerance: Int64 = 500_000_000

    /// The system's wall clock: nanoseconds since 1970.
    static let system: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000_000) }

    private(set) var nanoseconds: Int64

    /// - Parameters:
    ///   - wall: nanoseconds since 1970.
    ///   - now: the same moment on the fleet's clock.
    init(wall: Int64, now: Instant) {
        nanoseconds = wall.subtractingReportingOverflow(now.nanoseconds).partialValue
    }

    mutating func correct(wall: Int64, now: Instant) {
        let current = WallClockOffset(wall: wall, now: now)
        let error = current.nanoseconds.subtractingReportingOverflow(nanoseconds).partialValue
        if error.magnitude > UInt64(Self.tolerance) { self = current }
    }

    func time(at instant: Instant) -> SystemTime {
        SystemTime(nanosecondsSinceEpoch: instant.nanoseconds.addingReportingOverflow(nanoseconds).partialValue)
    }
}
