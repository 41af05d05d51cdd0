/// What a collector says of the spans that it was sent.
enum CollectorAnswer: Equatable {
    case reply(status: Int, retryAfter: String?, body: [UInt8])
    /// In words why there is none.
    case none(String)
}
