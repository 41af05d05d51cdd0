import HTTPFraming
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Reads messages with llhttp, by way of NIO's decoders.
enum LlhttpTranscript {
    static func ofRequests(_ bytes: [UInt8]) -> Transcript {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        return read(bytes, channel) { (part: HTTPServerRequestPart, transcript) in
            switch part {
            case .head(let head):
                let start = [head.method.rawValue, head.uri, text(head.version)]
                transcript.messages.append(.init(start: start, fields: fields(head.headers)))
            case .body(let buffer):
                transcript.messages[transcript.messages.count - 1].body += buffer.readableBytesView
            case .end:
                transcript.messages[transcript.messages.count - 1].isComplete = true
            }
        }
    }

    static func ofResponses(_ bytes: [UInt8], answering methods: [RequestMethod]) throws -> Transcript {
        let decoder = HTTPResponseDecoder(informationalResponseStrategy: .forward)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        for method in methods {
            let head = HTTPRequestHead(version: .http1_1, method: method == .head ? .HEAD : .GET, uri: "/")
            try channel.writeOutbound(HTTPClientRequestPart.head(head))
        }
        return read(bytes, channel) { (part: HTTPClientResponsePart, transcript) in
            switch part {
            case .head(let head):
                let start = [text(head.version), "\(head.status.code)"]
                // An interim response has no end of its own.
                let isInterim = head.status.code < 200 && head.status.code != 101
                transcript.messages.append(
                    .init(start: start, fields: fields(head.headers), isComplete: isInterim)
                )
            case .body(let buffer):
                transcript.messages[transcript.messages.count - 1].body += buffer.readableBytesView
            case .end:
                transcript.messages[transcript.messages.count - 1].isComplete = true
            }
        }
    }

    private static func read<Part>(
        _ bytes: [UInt8],
        _ channel: EmbeddedChannel,
        _ take: (Part, inout Transcript) -> Void
    ) -> Transcript {
        var transcript = Transcript()
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            transcript.refusal = "\(error)"
        }
        do {
            while let part = try channel.readInbound(as: Part.self) { take(part, &transcript) }
        } catch {
            transcript.refusal = "not what was expected: \(error)"
        }
        // The end of the connection is no part of the comparison.
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return transcript
    }

    private static func fields(_ headers: HTTPHeaders) -> [[String]] {
        headers.map { [$0.name, $0.value.trimmingWhitespace()] }
    }

    private static func text(_ version: NIOHTTP1.HTTPVersion) -> String {
        switch (version.major, version.minor) {
        case (1, 0): "\(HTTPFraming.HTTPVersion.http10)"
        case (1, 1): "\(HTTPFraming.HTTPVersion.http11)"
        default: "\(version)"
        }
    }
}
