import LlamaServer
import Scheduling

/// A record as one JSON object: a line of the access log, and an element of `GET /api/v1/requests`. docs/access-log.md says
/// what its members mean. All of them are always there; null is what isn't known.
public struct RequestLine {
    /// Without the line's end.
    public private(set) var bytes: [UInt8] = []

    /// Of texts from elsewhere, in characters; longer ones are cut.
    public static let longestText = 256

    private var day = UTCDay()

    public init() {
        bytes.reserveCapacity(4096)
    }

    /// Takes what was written out, and keeps its room.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Behind a line.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    /// JSON as it is, between values.
    public mutating func put(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func write(_ record: borrowing RequestRecord) {
        put("{\"time\":\"")
        day.write(record.time, into: &bytes)
        put("\",\"request_id\":")
        write(record.identifier)
        put(",\"trace_id\":")
        if let trace = record.trace { writeHex(trace.high, trace.low) } else { writeNull() }
        put(",\"tenant\":")
        write(record.tenant)
        put(",\"client\":")
        if record.client.isEmpty { writeNull() } else { write(text: record.client) }
        writeEndpoint(record.endpoint)
        put(",\"protocol\":")
        write(record.spokenProtocol?.rawValue)
        put(",\"model\":")
        write(record.model)
        put(",\"outcome\":\"")
        bytes.append(contentsOf: record.outcome.kind.rawValue.utf8)
        put("\",\"outcome_reason\":")
        write(record.outcome.reason)
        put(",\"status\":")
        write(record.status == 0 ? nil : record.status)
        writeUpstream(record)
        writeTimes(record)
        writeAmounts(record)
        put("}")
    }

    // MARK: - Members

    private mutating func write(_ identifier: RequestRecord.Identifier) {
        switch identifier {
        case .made(let high, let low): writeHex(high, low)
        case .given(let text): write(text: text)
        }
    }

    /// The method and the path: neither has a space in it.
    private mutating func writeEndpoint(_ endpoint: String) {
        guard let space = endpoint.utf8.firstIndex(of: UInt8(ascii: " ")) else {
            return put(",\"method\":null,\"path\":null")
        }
        put(",\"method\":")
        write(text: endpoint[..<space])
        put(",\"path\":")
        write(text: endpoint[endpoint.utf8.index(after: space)...])
    }

    private mutating func writeUpstream(_ record: borrowing RequestRecord) {
        guard let address = record.route?.address else {
            return put(",\"upstream\":null,\"upstream_name\":null,\"upstream_reason\":null,\"attempts\":0")
        }
        put(",\"upstream\":")
        write(address)
        put(",\"upstream_name\":")
        write(record.upstreamName)
        put(",\"upstream_reason\":")
        write(record.choice?.description)
        put(",\"attempts\":")
        write(record.attempts)
    }

    private mutating func writeTimes(_ record: borrowing RequestRecord) {
        let start = record.arrived.nanoseconds
        put(",\"received_seconds\":")
        write(seconds: record.received.map { $0.nanoseconds - start })
        put(",\"waited_seconds\":")
        write(seconds: record.waited)
        put(",\"first_byte_seconds\":")
        write(seconds: record.firstByte.map { $0.nanoseconds - start })
        put(",\"first_token_seconds\":")
        write(seconds: record.firstToken.map { $0.nanoseconds - start })
        put(",\"total_seconds\":")
        write(seconds: record.ended.map { $0.nanoseconds - start })
    }

    private mutating func writeAmounts(_ record: borrowing RequestRecord) {
        put(",\"tokens_prompt\":")
        write(record.tokensPrompt)
        put(",\"tokens_cached\":")
        write(record.usage?.promptCached)
        put(",\"tokens_generated\":")
        write(record.tokensGenerated)
        put(",\"tokens_per_second\":")
        if let rate = record.tokensPerSecond { write(hundredths: rate) } else { writeNull() }
        put(",\"request_bytes\":")
        write(record.requestBytes)
        put(",\"answer_bytes\":")
        write(record.answerBytes)
    }

    // MARK: - Values

    private mutating func writeNull() { put("null") }

    private mutating func write(_ address: NetworkAddress) {
        guard address.socketPath == nil, !address.host.utf8.contains(UInt8(ascii: ":")) else {
            return write(text: address.description)
        }
        // Without a text that is made for each line: the port goes where the quotation mark was.
        write(text: address.host)
        bytes[bytes.count - 1] = UInt8(ascii: ":")
        write(address.port)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(_ text: String?) {
        if let text { write(text: text) } else { writeNull() }
    }

    public mutating func write(_ number: Int?) {
        if let number { write(Int64(number)) } else { writeNull() }
    }

    private mutating func write(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.writeDecimal(number.magnitude)
    }

    /// To a microsecond.
    private mutating func write(seconds nanoseconds: Int64?) {
        guard let nanoseconds else { return writeNull() }
        let microseconds = UInt64(max(0, nanoseconds)) / 1000
        guard microseconds > 0 else { return bytes.append(UInt8(ascii: "0")) }
        bytes.writeDecimal(microseconds / 1_000_000)
        bytes.append(UInt8(ascii: "."))
        bytes.writeDecimal(microseconds % 1_000_000, digits: 6)
    }

    private mutating func write(hundredths number: Double) {
        let hundredths = UInt64(min(max(0, number * 100), 1e15).rounded())
        bytes.writeDecimal(hundredths / 100)
        bytes.append(UInt8(ascii: "."))
        bytes.writeDecimal(hundredths % 100, digits: 2)
    }

    private mutating func writeHex(_ high: UInt64, _ low: UInt64) {
        bytes.append(UInt8(ascii: "\""))
        bytes.writeHex(high)
        bytes.writeHex(low)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(text: some StringProtocol) {
        bytes.writeText(text, most: Self.longestText)
    }
}
