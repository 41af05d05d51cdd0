import HTTPFraming
import NIOCore
import Scheduling

// The message: a request as the upstream gets it, head and body in one piece.

extension ClientConnection {
    /// What is never passed on as it came: hop-by-hop fields, and those that are set anew.
    private static let dropped: FieldSet = [
        .hopByHop, .transferEncoding, .trailer, .expect, .forwardedFor, .requestID,
    ]

    func writeHead() {
        guard let identifier = request?.identifier else { return }
        let source = received
        var dropped = Self.dropped
        var bodyBytes = 0
        if case .length(let length) = head.body { bodyBytes = Int(length) }
        // A generation that outlives its client is found again only at the server that runs it.
        if head.first(.conversationID) != nil, loop.dispatcher.summary().registered > 1 {
            dropped.insert(.conversationID)
        }
        if head.authority != nil { dropped.insert(.host) }

        // Enough for the lines added below, so that head and body are one allocation.
        var message = ByteBufferAllocator().buffer(capacity: head.length + bodyBytes + 320)
        message.write(source, head.methodName)
        message.writeStaticString(" ")
        if head.pathAndQuery.isEmpty {
            message.writeStaticString("/")
        } else {
            // `http://host?query` has a query and no path.
            if head.path.isEmpty { message.writeStaticString("/") }
            message.write(source, head.pathAndQuery)
        }
        message.writeStaticString(" HTTP/1.1\r\n")
        if let authority = head.authority {
            message.writeStaticString("Host: ")
            message.write(source, authority)
            message.writeStaticString("\r\n")
        } else if head.first(.host) == nil {
            // HTTP/1.0 may do without; HTTP/1.1, which the upstream gets, may not.
            message.writeStaticString("Host: localhost\r\n")
        }
        head.forEachKeptRange(dropping: dropped) { message.write(source, $0) }
        message.writeStaticString("X-Forwarded-For: ")
        for line in head.fields where line.field == .forwardedFor && !line.value.isEmpty {
            message.write(source, line.value)
            message.writeStaticString(", ")
        }
        message.writeString(remoteAddress)
        if head.first(.forwardedProto) == nil {
            message.writeStaticString("\r\nX-Forwarded-Proto: http")
        }
        message.writeStaticString("\r\nX-Request-Id: ")
        identifier.write(into: &message)
        message.writeStaticString("\r\n")
        // A chunked body's length stands in the head, which so has to wait for the body's end.
        if head.body != .chunked { message.writeStaticString("\r\n") }
        request?.message = message
    }

    /// llama-server gets a body of known length: one form for all, whatever the client chose.
    func endChunkedMessage() {
        guard var body = request?.chunkedBody else { return }
        request?.chunkedBody = ByteBuffer()
        request?.message.writeStaticString("Content-Length: ")
        request?.message.writeString(String(body.readableBytes))
        request?.message.writeStaticString("\r\n\r\n")
        request?.message.writeBuffer(&body)
    }
}

extension ByteBuffer {
    /// Appends a part of another buffer, given relative to its readable bytes.
    mutating func write(_ source: ByteBuffer, _ range: Range<Int>) {
        writeBytes(source.readableBytesSpan.extracting(range))
    }
}
