import HTTPFraming
import NIOCore
import Scheduling

// The message: a request as the upstream gets it, head and body in one piece.

extension ClientConnection {
    /// What is never passed on as it came: hop-by-hop fields, and those that are set anew.
    private static let dropped: FieldSet = [
        .hopByHop, .transferEncoding, .trailer, .expect, .forwardedFor, .requestID, .host, .authorization, .apiKey,
        .trace,
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

        // Enough for the lines added below, so that head and body are one allocation.
        var message = RequestMessage(capacity: head.length + bodyBytes + 320)
        writeRequestLine(into: &message)
        message.beginHosts()
        writeHost(into: &message)
        message.beginKeys()
        for line in head.fields where line.field == .authorization || line.field == .apiKey {
            message.write(source, line.line)
        }
        message.beginRest()
        head.forEachKeptRange(dropping: dropped) { message.write(source, $0) }
        message.write("X-Forwarded-For: ")
        for line in head.fields where line.field == .forwardedFor && !line.value.isEmpty {
            message.write(source, line.value)
            message.write(", ")
        }
        message.write(remoteAddress)
        if head.first(.forwardedProto) == nil {
            message.write("\r\nX-Forwarded-Proto: http")
        }
        message.write("\r\nX-Request-Id: ")
        message.write(identifier)
        message.write("\r\n")
        // A chunked body's length stands in the head, which so has to wait for the body's end.
        if head.body != .chunked {
            message.write("\r\n")
            message.beginBody()
        }
        request?.message = message
    }

    private func writeRequestLine(into message: inout RequestMessage) {
        message.write(received, head.methodName)
        message.write(" ")
        // `http://host?query` has a query and no path.
        if head.path.isEmpty { message.write("/") }
        message.write(received, head.pathAndQuery)
        message.write(" HTTP/1.1\r\n")
    }

    private func writeHost(into message: inout RequestMessage) {
        if let authority = head.authority {
            message.write("Host: ")
            message.write(received, authority)
            message.write("\r\n")
        } else if let host = head.first(.host) {
            message.write(received, host.line)
        } else {
            // HTTP/1.0 may do without; HTTP/1.1, which the upstream gets, may not.
            message.write("Host: localhost\r\n")
        }
    }

    /// llama-server gets a body of known length: one form for all, whatever the client chose.
    func endChunkedMessage() {
        guard var body = request?.chunkedBody else { return }
        request?.chunkedBody = ByteBuffer()
        request?.message.write("Content-Length: ")
        request?.message.write(String(body.readableBytes))
        request?.message.write("\r\n\r\n")
        request?.message.beginBody()
        request?.message.write(&body)
    }
}

extension ByteBuffer {
    /// Appends a part of another buffer, given relative to its readable bytes.
    mutating func write(_ source: ByteBuffer, _ range: Range<Int>) {
        writeBytes(source.readableBytesSpan.extracting(range))
    }
}
