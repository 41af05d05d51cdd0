@testable import FakeLlamaServer

/// Requests that take a slot for as long as a test wants.
extension RunningBalancer {
    /// Takes so many slots of fake servers, each until its client is closed.
    func occupySlots(_ count: Int, of model: String? = nil) async throws -> [RawClient] {
        let before = try await health().slotsProcessing
        var clients: [RawClient] = []
        for _ in 0..<count {
            let client = try RawClient(port: port)
            try await client.send(
                RawClient.request(
                    "POST",
                    "/v1/chat/completions",
                    headers: ["X-Fake-Fault": FaultKind.hangBeforeHead.rawValue],
                    body: model.map { #"{"model":"\#($0)"}"# } ?? "{}"
                )
            )
            clients.append(client)
        }
        try await eventually("slots in use", equals: before + count) { try await health().slotsProcessing }
        return clients
    }

    /// Takes a slot by an answer of which more is unread than all buffers on its way hold: it ends when it is read.
    ///
    /// - Returns: the client, which has seen the answer's head.
    func startUnreadStream() async throws -> RawClient {
        let client = try RawClient(port: port)
        try await client.send(UnreadStream.request)
        _ = try await client.read(until: "\r\n\r\n")
        return client
    }
}

/// An answer of 64 MiB. Linux lends each of the four sockets on its way 4 to 32 MiB, the more only the more is read.
enum UnreadStream {
    static let tokens = 256
    static let eventBytes = 256 << 10

    static let request = RawClient.request(
        "POST",
        "/v1/chat/completions",
        headers: [
            "X-Fake-Tokens": "\(tokens)", "X-Fake-Event-Bytes": "\(eventBytes)", "X-Fake-Token-Delay-Ms": "0",
            "Connection": "close",
        ],
        body: #"{"stream":true}"#
    )

    /// Whether this, read up to the connection's end, has the answer's own end.
    static func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.suffix(end.count).elementsEqual(end)
    }

    private static let end = Array("data: [DONE]\n\n\r\n0\r\n\r\n".utf8)

    /// The numbers of the tokens in it, each from the beginning of its chunk.
    static func tokens(in chunks: [UInt8]) -> [Int] {
        var tokens: [Int] = []
        var rest = chunks[...]
        while let lineEnd = rest.prefix(16).firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16), size > 0
        {
            let chunk = rest[lineEnd...].dropFirst(2).prefix(size)
            let start = String(decoding: chunk.prefix(512), as: UTF8.self)
            if let mark = start.firstRange(of: #""content":"t"#), let token = Int(start[mark.upperBound...].prefix(8)) {
                tokens.append(token)
            }
            rest = rest[chunk.endIndex...].dropFirst(2)
        }
        return tokens
    }
}
