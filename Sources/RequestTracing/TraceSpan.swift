import RequestRecords

/// One span of a trace, as OTLP has it.
struct TraceSpan: Equatable {
    let trace: TraceID
    let id: SpanID
    let parent: SpanID?
    /// Whether the parent is somebody else's span.
    var hasRemoteParent = false
    let name: String
    let kind: Kind
    /// In nanoseconds since 1970.
    let start: Int64
    /// The same, not before ``start``.
    let end: Int64
    var attributes: [SpanAttribute] = []
    var status = Status.unset

    /// Numbers as in OTLP's `Span.SpanKind`.
    enum Kind: Int {
        case `internal` = 1
        case server = 2
        case client = 3
    }

    enum Status: Equatable {
        case unset
        /// In words, unless the attributes say it all.
        case failed(String?)
    }
}

extension [SpanAttribute] {
    mutating func add(_ key: String, _ text: String?) {
        if let text { append(SpanAttribute(key, .text(text))) }
    }

    mutating func add(_ key: String, _ number: Int?) {
        if let number { append(SpanAttribute(key, .integer(number))) }
    }
}
