#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A wall-clock time as Paddler 1.x writes one.
struct SystemTime: Codable, Equatable {
    let seconds: Int64
    let nanoseconds: Int64

    init(_ date: Date) {
        let whole = date.timeIntervalSince1970.rounded(.down)
        seconds = Int64(whole)
        nanoseconds = min(999_999_999, Int64((date.timeIntervalSince1970 - whole) * 1_000_000_000))
    }

    enum CodingKeys: String, CodingKey {
        case seconds = "secs_since_epoch"
        case nanoseconds = "nanos_since_epoch"
    }
}
