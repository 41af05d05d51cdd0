extension KeyedDecodingContainer {
    /// Nil, too, when something else stands there than what is expected: a balancer may be older or newer than we.
    func value<Value: Decodable>(_ key: Key, _ type: Value.Type = Value.self) -> Value? {
        (try? decodeIfPresent(type, forKey: key)) ?? nil
    }

    /// 0...1,000,000, so that sums don't overflow whatever is sent.
    func count(_ key: Key) -> Int? {
        value(key, Int.self).map { min(max($0, 0), 1_000_000) }
    }

    /// Not below 0, and small enough to be shown.
    func amount(_ key: Key) -> Double? {
        value(key, Double.self).map { min(max($0, 0), 1e12) }
    }

    /// Seconds since 1970.
    func time(_ key: Key) -> Double? {
        value(key, SystemTime.self)?.inSeconds
    }
}

/// A time as Paddler 1.x writes one.
private struct SystemTime: Decodable {
    let seconds: Double
    let nanoseconds: Double

    var inSeconds: Double { seconds + nanoseconds / 1e9 }

    enum CodingKeys: String, CodingKey {
        case seconds = "secs_since_epoch"
        case nanoseconds = "nanos_since_epoch"
    }
}
