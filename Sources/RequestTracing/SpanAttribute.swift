/// Something that is known of a span.
struct SpanAttribute: Equatable {
    let key: String
    let value: Value

    enum Value: Equatable {
        case text(String)
        case integer(Int)
        case decimal(Double)
        case flag(Bool)
    }

    init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }
}
