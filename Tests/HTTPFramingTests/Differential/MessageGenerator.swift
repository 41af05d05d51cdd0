import HTTPFraming
import SeededRandom

/// Makes messages one after another as on a connection: right ones, then damaged in ways that matter to framing.
struct MessageGenerator {
    static let methods = ["GET", "POST", "POST", "PUT", "DELETE", "HEAD", "PATCH", "TRACE", "OPTIONS", "PROPFIND"]

    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func requests() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) { bytes += request() }
        return damaged(bytes)
    }

    /// - Returns: the bytes, and the methods of more requests than they answer.
    mutating func responses() -> (bytes: [UInt8], methods: [RequestMethod]) {
        var bytes: [UInt8] = []
        var methods: [RequestMethod] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let method: RequestMethod = random.once(in: 5) ? .head : .get
            methods.append(method)
            bytes += response(to: method)
        }
        return (damaged(bytes), methods + [.get, .get, .get])
    }

    /// The sizes of the pieces in which so many bytes arrive.
    mutating func pieces(of count: Int) -> [Int] {
        var rest = count
        var pieces: [Int] = []
        let largest = random.pick([1, 3, 20, 200, 10_000])
        while rest > 0 {
            let piece = min(Int.random(in: 1...largest, using: &random), rest)
            pieces.append(piece)
            rest -= piece
        }
        return pieces
    }

    // MARK: Right messages

    private mutating func request() -> [UInt8] {
        let method = random.pick(Self.methods)
        let target = random.pick([
            "/", "/completion", "/v1/chat/completions", "/a?b=c&d", "/%20~;,?/?", "/slots/0?action=save",
            "http://a.example/x", "http://a:80?q", "/[a]{b}|\"",
        ])
        let version = random.once(in: 8) ? "HTTP/1.0" : "HTTP/1.1"
        var lines = fields()
        lines.insert("Host: " + random.pick(["a", "a.example:8080", "[::1]:80", "127.0.0.1"]), at: 0)
        let (framing, body) = self.body(allowsChunked: version == "HTTP/1.1", needsFraming: false)
        lines.insert(contentsOf: framing, at: Int.random(in: 0...lines.count, using: &random))
        if version == "HTTP/1.0", random.once(in: 2) { lines.append("Connection: keep-alive") }
        let empty = random.once(in: 20) ? "\r\n" : ""
        return Array((empty + "\(method) \(target) \(version)\r\n" + Self.head(lines)).utf8) + body
    }

    private mutating func response(to method: RequestMethod) -> [UInt8] {
        let status = random.pick([200, 200, 200, 201, 404, 503, 204, 304, 100, 103, 599])
        let version = random.once(in: 8) ? "HTTP/1.0" : "HTTP/1.1"
        let reason = random.pick([" OK", " Service Unavailable", " ", "", " x  y"])
        var lines = fields()
        let isBodiless = method == .head || status < 200 || status == 204 || status == 304
        var (framing, body) = self.body(allowsChunked: version == "HTTP/1.1", needsFraming: !random.once(in: 10))
        if isBodiless { body = [] }
        if status < 200 || status == 204 { framing = [] }
        lines.insert(contentsOf: framing, at: Int.random(in: 0...lines.count, using: &random))
        if version == "HTTP/1.0", random.once(in: 2) { lines.append("Connection: keep-alive") }
        let final = status < 200 ? response(to: method) : []
        return Array(("\(version) \(status)\(reason)\r\n" + Self.head(lines)).utf8) + body + final
    }

    private static func head(_ lines: [String]) -> String {
        lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private mutating func fields() -> [String] {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in
            random.pick([
                "User-Agent: OpenAI/Python 1.9", "Accept: */*", "X-Empty:", "x-t:\tv\t ",
                "Content-Type: application/json",
                "Connection: keep-alive", "Connection: X-Hop", "X-Hop: 1", "Accept-Encoding: gzip, deflate",
                "X: caf\u{e9}",
                "Authorization: Bearer abc", "Expect: 100-continue", "Server: llama.cpp", "!#$%&'*+-.^_`|~: x",
                "Keep-Alive: timeout=5, max=100", "TE: trailers", "X-Long: " + String(repeating: "y", count: 90),
            ])
        }
    }

    private mutating func body(allowsChunked: Bool, needsFraming: Bool) -> (framing: [String], bytes: [UInt8]) {
        let data = (0..<Int.random(in: 0...60, using: &random)).map { _ in random.pick(Array("0a\r\n;:GET \u{e9}".utf8))
        }
        switch random.next() % 3 {
        case 0 where allowsChunked:
            return (["Transfer-Encoding: " + random.pick(["chunked", "Chunked", " chunked "])], chunked(data))
        case 1 where !needsFraming:
            return ([], [])
        default:
            return (["Content-Length: \(data.count)"], data)
        }
    }

    private mutating func chunked(_ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = data[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...40, using: &random))
            rest = rest.dropFirst(chunk.count)
            let size =
                random.pick(["", "", "0", "000"]) + String(chunk.count, radix: 16, uppercase: random.once(in: 2))
            bytes += Array((size + chunkExtension() + "\r\n").utf8) + chunk + Array("\r\n".utf8)
        }
        let trailers = random.once(in: 4) ? random.pick(["X-Sum: 1\r\n", "A:\r\nB: c\u{e9}\r\n"]) : ""
        return bytes + Array(("0" + chunkExtension() + "\r\n" + trailers + "\r\n").utf8)
    }

    private mutating func chunkExtension() -> String {
        guard random.once(in: 4) else { return "" }
        return random.pick([";a", ";a=b", ";a;b=c", ";a=\"b\"", ";a=\"b;\\\" \";c", ";!#$=~"])
    }

    // MARK: Damage

    private mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        // A third is left as it is.
        for _ in 0..<random.pick([0, 0, 1, 1, 1, 2, 3]) where !bytes.isEmpty { damage(&bytes) }
        return bytes
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let offset = random.once(in: 2) ? Int.random(in: bytes.indices, using: &random) : edge(in: bytes)
        switch random.next() % 10 {
        case 0: bytes[offset] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[offset] = random.pick(Self.telling)
        case 2: bytes.insert(random.pick(Self.telling), at: offset)
        case 3: bytes.remove(at: offset)
        case 4: bytes.insert(bytes[offset], at: offset)
        case 5: bytes.removeSubrange(offset..<min(offset + Int.random(in: 1...8, using: &random), bytes.count))
        case 6: bytes.removeLast(Int.random(in: 0...min(10, bytes.count), using: &random))
        case 7: bytes[offset] ^= 0x20
        case 8: repeatLine(at: offset, in: &bytes)
        default: bytes.insert(contentsOf: Array(random.pick(Self.lines).utf8), at: startOfLine(offset, in: bytes))
        }
    }

    private static let telling = Array("\r\n\t :;,=\"\\0157afFgx+-*/?#@[]%\u{0}\u{1}\u{7f}".utf8) + [0x80, 0xFF]

    private static let lines = [
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding:chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer_Encoding: chunked\r\n",
        "Transfer-Encoding\r\n: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n", "TE: chunked\r\n",
        "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: 005\r\n", "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: 5 5\r\n", "Content-Length: 0x5\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length : 5\r\n", " folded\r\n", "\tfolded: x\r\n",
        "Host: b\r\n", "Host: a b\r\n", "Host:\r\n", "Connection: close\r\n", "Connection: Content-Length\r\n",
        "Connection: close, keep-alive\r\n", "Connection: upgrade\r\n", "Upgrade: h2c\r\n", "X: a\nY: b\r\n",
        "X: a\rY: b\r\n", "\r\n", "\n", "0\r\n\r\n", "5\r\nhello\r\n", "5;a=\"\r\n", "-5\r\n", "fffffffffffffffff\r\n",
        "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ": x\r\n", "x\r\n",
    ]

    /// The place of a byte near the end of a line or a separator, where damage tells most.
    private mutating func edge(in bytes: [UInt8]) -> Int {
        let start = Int.random(in: bytes.indices, using: &random)
        let separators = Array("\r\n:; ".utf8)
        return bytes[start...].firstIndex { separators.contains($0) } ?? start
    }

    private func startOfLine(_ offset: Int, in bytes: [UInt8]) -> Int {
        (bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    }

    private func repeatLine(at offset: Int, in bytes: inout [UInt8]) {
        let start = startOfLine(offset, in: bytes)
        let end = (bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
        bytes.insert(contentsOf: Array(bytes[start..<end]), at: start)
    }
}
