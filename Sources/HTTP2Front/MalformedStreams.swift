import NIOCore

/// Counts the streams that were reset because their messages are malformed: the "reset flood" (CVE-2019-9514). NIO counts those
/// that break other rules.
struct MalformedStreams {
    private var total = 0
    /// When the last ones were reset.
    private var times: [NIODeadline] = []

    /// - Returns: whether that are too many.
    mutating func add(at now: NIODeadline) -> Bool {
        let limit = HTTP2Limits.streamErrors
        total += 1
        times.removeAll { now - $0 > limit.within }
        times.append(now)
        return times.count > limit.count || total > HTTP2Limits.glitches
    }
}
