/// A wall-clock time as Paddler 1.x writes one.
struct SystemTime: Codable, Hashable {
    let seconds: Int64
    /// 0...999,999,999.
    let nanoseconds: Int64

    /// - Parameter nanoseconds: since 1970, leap seconds not counted; before it if negative.
    init(nanosecondsSinceEpoch nanoseconds: Int64) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        seconds = remainder < 0 ? quotient - 1 : quotient
        self.nanoseconds = remainder < 0 ? remainder + 1_000_000_000 : remainder
    }

    enum CodingKeys: String, CodingKey {
        case seconds = "secs_since_epoch"
        case nanoseconds = "nanos_since_epoch"
    }
}
