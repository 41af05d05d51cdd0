import NIOCore
import NIOHTTP1

/// A request as far as it has arrived, and what is asked of the server by it.
struct Request {
    /// llama-server takes 100 MB; more is told apart by its checksum only.
    private static let mostBodyKept = 256 << 20
    private static let ourPrefix = Array("/fake/".utf8)

    let method: HTTPMethod
    let path: String
    let query: Substring
    /// Meant for this program, not for the llama-server that it plays.
    let isForUs: Bool
    /// The answer's shape, if the request takes a slot.
    let shape: AnswerShape?
    let isKeepAlive: Bool
    let expectsContinue: Bool
    let key: String?
    /// For the journal, if there is one.
    let identifier: String?
    /// By what a stream is found again that goes on without its client.
    let conversation: String?
    var script: Script
    /// What is wrong with the script.
    let complaint: String?
    var rawHead: ByteBuffer?
    private(set) var body = ByteBuffer()
    private(set) var digest = BodyDigest()

    init(_ head: HTTPRequestHead, server: ServerContext) {
        method = head.method
        if let mark = head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(head.uri[..<mark])
            query = head.uri[mark...].dropFirst()
        } else {
            path = head.uri
            query = ""
        }
        isForUs = path.utf8.starts(with: Self.ourPrefix)
        shape = head.method == .POST ? AnswerShape.endpoints[path] : nil
        isKeepAlive = head.isKeepAlive
        expectsContinue = head.headers.contains(name: "expect")
        key = server.options.apiKey == nil ? nil : Self.key(head.headers)
        identifier = server.options.journal && shape != nil ? head.headers.first(name: "x-request-id") : nil
        conversation = shape != nil ? head.headers.first(name: "x-conversation-id") : nil
        var script = Script(defaults: server.options)
        if shape == nil {
            script.tokens = 0
            script.delay = .zero
        }
        complaint = script.apply(head.headers)
        self.script = script
    }

    /// Set when a standing fault strikes; the request's own script goes first.
    var fault: StandingFault? {
        didSet {
            guard let fault, script.fault == nil else { return }
            script.fault = fault.kind
            if let after = fault.afterTokens { script.afterTokens = after }
        }
    }

    var wantsRawHead: Bool { script.wantsEcho || path == "/fake/echo" }

    mutating func add(_ bytes: ByteBuffer) {
        digest.add(bytes.readableBytesView)
        if body.readableBytes == 0 {
            body = bytes
        } else if body.readableBytes < Self.mostBodyKept {
            body.writeImmutableBuffer(bytes)
        }
    }

    /// Whether the body has `"stream": true`; within a JSON string the quotation marks would be escaped.
    var asksForStream: Bool {
        body.readableBytesView.withUnsafeBytes { bytes in
            let name: StaticString = "\"stream\""
            var index = 0
            while index + 13 <= bytes.count {
                guard bytes[index] == UInt8(ascii: "\""), Self.has(name, at: index, in: bytes) else {
                    index += 1
                    continue
                }
                index += 8
                index = Self.skipping(UInt8(ascii: ":"), from: index, in: bytes)
                if Self.has("true", at: index, in: bytes) { return true }
            }
            return false
        }
    }

    private static func has(_ text: StaticString, at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
    }

    private static func skipping(_ byte: UInt8, from start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var index = start
        while index < bytes.count, [byte, 32, 9, 10, 13].contains(bytes[index]) { index += 1 }
        return index
    }

    private static func key(_ headers: HTTPHeaders) -> String? {
        if let key = headers.first(name: "x-api-key") { return key }
        guard let authorization = headers.first(name: "authorization"), authorization.hasPrefix("Bearer ") else {
            return nil
        }
        return String(authorization.dropFirst(7))
    }
}
