import HTTPFraming

/// The fields of a request that came over HTTP/2, taken one after the other, and the head that they make in HTTP/1.1.
///
/// Whatever isn't refused here stands in a line of its own, or in its part of the request line. What that means is for the
/// reader of that head to judge: an authority that is none, or a head that is too large, is answered as over HTTP/1.1.
package struct RequestFields: Sendable {
    private var method: String?
    private var scheme: String?
    private var authority: String?
    private var path: String?
    private var host: String?
    private var contentLength: Int64?
    private var cookies: [UInt8] = []
    /// All other fields, as lines.
    private var lines: [UInt8] = []
    private var hasFields = false

    /// More than the fields of most requests take.
    private static let usualBytes = 512

    package init() {}

    package mutating func add(_ name: String, _ value: String) throws(MalformedMessage) {
        if name.utf8.first == UInt8(ascii: ":") { return try addPseudoField(name, value) }
        hasFields = true
        try FieldText.check(name: name)
        try FieldText.check(value: value)
        switch (name.utf8.count, name) {
        case (2, "te"):
            // RFC 9113 8.2.2. It says something of this connection alone.
            guard FieldText.areSame(value, "trailers") else { throw .connectionField }
        case (4, "host"):
            guard host == nil else { throw .severalHosts }
            host = value
        case (14, "content-length"):
            guard contentLength == nil, let length = FieldText.length(value) else { throw .contentLength }
            contentLength = length
        case (6, "cookie"):
            // RFC 9113 8.2.3: they may come in crumbs.
            if !cookies.isEmpty { cookies += "; ".utf8 }
            cookies.append(value)
        default:
            if lines.isEmpty { lines.reserveCapacity(Self.usualBytes) }
            Self.write(name, value, into: &lines)
        }
    }

    private mutating func addPseudoField(_ name: String, _ value: String) throws(MalformedMessage) {
        guard !hasFields else { throw .latePseudoField }
        switch name {
        case ":method": try Self.set(&method, value)
        case ":scheme": try Self.set(&scheme, value)
        case ":authority": try Self.set(&authority, value)
        case ":path": try Self.set(&path, value)
        default: throw .unknownPseudoField
        }
    }

    private static func set(_ field: inout String?, _ value: String) throws(MalformedMessage) {
        guard field == nil else { throw .repeatedPseudoField }
        field = value
    }

    private static func write(_ name: String, _ value: String, into lines: inout [UInt8]) {
        lines.append(name)
        lines.append(UInt8(ascii: ":"))
        lines.append(UInt8(ascii: " "))
        lines.append(value)
        lines.append(UInt8(ascii: "\r"))
        lines.append(UInt8(ascii: "\n"))
    }

    // MARK: - The head

    /// - Parameter endsStream: whether there is no body.
    /// - Returns: the head in HTTP/1.1, and how its body goes on.
    package func head(endsStream: Bool) throws(MalformedMessage) -> (bytes: [UInt8], body: RequestBody) {
        guard let method else { throw .missingPseudoField }
        guard FieldText.isToken(method) else { throw .method }
        if let authority { guard FieldText.isTarget(authority) else { throw .authority } }
        if let authority, let host { guard FieldText.areSame(authority, host) else { throw .severalHosts } }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.count + cookies.count + (path?.utf8.count ?? 0) + 256)
        bytes.append(method)
        bytes.append(UInt8(ascii: " "))
        try writeTarget(of: method, into: &bytes)
        bytes += " HTTP/1.1\r\n".utf8
        if let name = authority ?? host { Self.write("Host", name, into: &bytes) }
        bytes += lines
        if !cookies.isEmpty {
            bytes += "cookie: ".utf8
            bytes += cookies
            bytes += "\r\n".utf8
        }
        let body = try body(of: method, endsStream: endsStream)
        switch body.framing {
        case .none: break
        case .length(let length): Self.write("content-length", String(length), into: &bytes)
        case .chunked: Self.write("transfer-encoding", "chunked", into: &bytes)
        }
        bytes += "\r\n".utf8
        return (bytes, body)
    }

    private func writeTarget(of method: String, into bytes: inout [UInt8]) throws(MalformedMessage) {
        if method == "CONNECT" {
            guard scheme == nil, path == nil else { throw .needlessPseudoField }
            guard let authority else { throw .missingPseudoField }
            bytes.append(authority)
            return
        }
        guard let scheme, let path else { throw .missingPseudoField }
        guard FieldText.isScheme(scheme) else { throw .scheme }
        // RFC 9113 8.3.1: with a slash in front, or `*` for a server as a whole.
        guard FieldText.isTarget(path), path.utf8.first == UInt8(ascii: "/") || (path == "*" && method == "OPTIONS")
        else { throw .path }
        if !FieldText.areSame(scheme, "http"), !FieldText.areSame(scheme, "https") {
            // What is asked is not for a web server to answer, and an answer says so.
            bytes += scheme.utf8
            bytes += "://".utf8
            bytes += (authority ?? host ?? "").utf8
        }
        bytes.append(path)
    }

    private func body(of method: String, endsStream: Bool) throws(MalformedMessage) -> RequestBody {
        if endsStream {
            guard contentLength ?? 0 == 0 else { throw .bodyLength }
            // RFC 9110 8.6: a method that has a body usually says that there is none; servers wait for one otherwise.
            let saysLength = contentLength != nil || method == "POST" || method == "PUT" || method == "PATCH"
            return RequestBody(saysLength ? .length(0) : .none, isComplete: true)
        }
        if let contentLength { return RequestBody(.length(contentLength), isComplete: false) }
        return RequestBody(.chunked, isComplete: false)
    }

    /// Whether the answer has no body, whatever its fields say.
    package var isHead: Bool { method == "HEAD" }
}

extension [UInt8] {
    /// From its place in memory, where it has one: that is much faster.
    fileprivate mutating func append(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
    }
}
