import HTTPFraming

/// Follows the body of a request that comes in DATA frames, so that HTTP/1.1 gets as many bytes as its head says.
package struct RequestBody: Sendable {
    /// How HTTP/1.1 knows its end: `.none`, `.length` or `.chunked`.
    package enum Framing: Equatable, Sendable {
        case none
        case length(Int64)
        case chunked
    }

    package let framing: Framing
    /// To come, if its length is known.
    private var remaining: Int64
    /// Whether its stream has ended.
    package private(set) var isComplete: Bool

    init(_ framing: Framing, isComplete: Bool) {
        self.framing = framing
        self.isComplete = isComplete
        remaining = if case .length(let length) = framing { length } else { 0 }
    }

    /// A piece has come.
    ///
    /// - Parameter endsStream: whether it is the last.
    package mutating func take(_ count: Int, endsStream: Bool) throws(MalformedMessage) {
        guard !isComplete else { throw .bodyLength }
        if case .length = framing {
            guard Int64(count) <= remaining else { throw .bodyLength }
            remaining -= Int64(count)
            guard !endsStream || remaining == 0 else { throw .bodyLength }
        }
        isComplete = endsStream
    }

    /// Fields have come behind it, as the last of its stream.
    ///
    /// - Returns: what ends it in HTTP/1.1.
    package mutating func end(
        with fields: some Sequence<(name: String, value: String)>,
        endsStream: Bool
    ) throws(MalformedMessage) -> [UInt8] {
        guard endsStream else { throw .trailersWithoutEnd }
        try take(0, endsStream: true)
        var bytes = Array("0\r\n".utf8)
        for (name, value) in fields {
            guard name.utf8.first != UInt8(ascii: ":") else { throw .pseudoFieldInTrailers }
            try FieldText.check(name: name)
            try FieldText.check(value: value)
            bytes += name.utf8
            bytes += ": ".utf8
            bytes += value.utf8
            bytes += "\r\n".utf8
        }
        bytes += "\r\n".utf8
        // Where a length says the end, HTTP/1.1 has no place for them.
        return framing == .chunked ? bytes : []
    }

    package static let lastChunk = "0\r\n\r\n"

    /// What stands in front of a chunk of this size; CRLF is behind it.
    package static func chunkStart(_ count: Int) -> String {
        String(count, radix: 16) + "\r\n"
    }
}
