/// What the `Connection` lines of a head say, RFC 9110 7.6.1.
struct ConnectionOptions: Sendable {
    /// More than any client names; bounds the search for fields that are named.
    static let maximum = 32

    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    /// Whether an option names a field other than the known ones.
    private(set) var hasNominations = false
    private var count = 0

    mutating func add(_ value: Range<Int>, in bytes: Span<UInt8>) throws(FramingError) {
        var elements = ListElements(value)
        while let option = elements.next(in: bytes) {
            count &+= 1
            guard count <= Self.maximum else { throw .tooManyConnectionOptions }
            guard bytes.endOfToken(from: option.lowerBound, to: option.upperBound) == option.upperBound else {
                throw .invalidConnectionOption
            }
            if bytes.equalsIgnoringCase(option, "close") {
                hasClose = true
            } else if bytes.equalsIgnoringCase(option, "keep-alive") {
                hasKeepAlive = true
            } else if KnownField(bytes, option) == nil {
                hasNominations = true
            }
        }
    }
}
