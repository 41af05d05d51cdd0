import RequestRecords

/// Spans as OTLP has them in JSON: an `ExportTraceServiceRequest`. Ids are hexadecimal, numbers of 64 bits stand in strings, and
/// enumerations are numbers.
struct SpanDocument {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    /// Of texts from elsewhere, in characters; longer ones are cut.
    private static let longestText = RequestLine.longestText
    private static let end = "]}]}]}"

    init(of resource: TraceResource) {
        put(#"{"resourceSpans":[{"resource":{"attributes":["#)
        put(
            [
                SpanAttribute("service.name", .text("paddler")),
                SpanAttribute("service.version", .text(resource.version)),
                SpanAttribute("service.instance.id", .text(resource.instance)),
            ]
        )
        put(#"]},"scopeSpans":[{"scope":{"name":"paddler","version":"#)
        put(text: resource.version)
        put(#"},"spans":["#)
    }

    mutating func add(_ span: TraceSpan) {
        if count > 0 { put(",") }
        count += 1
        put(#"{"traceId":""#)
        bytes.writeHex(span.trace.high)
        bytes.writeHex(span.trace.low)
        put(#"","spanId":""#)
        bytes.writeHex(span.id.rawValue)
        if let parent = span.parent {
            put(#"","parentSpanId":""#)
            bytes.writeHex(parent.rawValue)
        }
        put(#"","flags":"#)
        put("\(Self.sampled | Self.isRemoteKnown | (span.hasRemoteParent ? Self.isRemote : 0))")
        put(#","name":"#)
        put(text: span.name)
        put(#","kind":\#(span.kind.rawValue),"startTimeUnixNano":"\#(span.start)","endTimeUnixNano":"\#(span.end)""#)
        put(#","attributes":["#)
        put(span.attributes)
        put("]")
        put(span.status)
        put("}")
    }

    /// Nothing is added behind that.
    consuming func ended() -> [UInt8] {
        put(Self.end)
        return bytes
    }

    // MARK: - Parts

    /// W3C's flag, and what OTLP's `SpanFlags` adds to it.
    private static let sampled = 1
    private static let isRemoteKnown = 0x100
    private static let isRemote = 0x200

    private mutating func put(_ attributes: [SpanAttribute]) {
        for (index, attribute) in attributes.enumerated() {
            put(index == 0 ? #"{"key":""# : #",{"key":""#)
            put(attribute.key)
            put(#"","value":{"#)
            switch attribute.value {
            case .text(let text):
                put(#""stringValue":"#)
                put(text: text)
            case .integer(let number): put(#""intValue":"\#(number)""#)
            case .decimal(let number): put(#""doubleValue":\#(number)"#)
            case .flag(let flag): put(#""boolValue":\#(flag)"#)
            }
            put("}}")
        }
    }

    private mutating func put(_ status: TraceSpan.Status) {
        switch status {
        case .unset: break
        case .failed(nil): put(#","status":{"code":2}"#)
        case .failed(let words?):
            put(#","status":{"code":2,"message":"#)
            put(text: words)
            put("}")
        }
    }

    /// JSON as it is.
    private mutating func put(_ json: String) {
        bytes.append(contentsOf: json.utf8)
    }

    private mutating func put(text: String) {
        bytes.writeText(text, most: Self.longestText)
    }
}
