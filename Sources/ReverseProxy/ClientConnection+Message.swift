import HTTPFraming
import LlamaServer
import NIOCore
import RequestRecords
import Scheduling

// The message: a request as the upstream gets it, head and body in one piece.

extension ClientConnection {
    /// What is never passed on as it came: hop-by-hop fields, and those that are set anew.
    private static let dropped: FieldSet = [
        .hopByHop, .transferEncoding, .trailer, .expect, .forwardedFor, .requestID, .host, .authorization, .apiKey,
        .trace, .agent, .explain, .requestedClass,
    ]

    /// More than all that is added to what the client sent: names, separators, its address twice, an identifier, our own name,
    /// the length of a chunked body.
    private static let addedBytes = 544
    /// The same of a request that is traced: its `traceparent`.
    private static let traceBytes = 72
    /// In bytes: room for a body is made as it comes in, from this much on.
    private static let firstRoom = 64 << 10

    func writeHead() {
        let identifier = request.identifier
        let source = received.bytes
        var dropped = Self.dropped
        if let line = head.first(.conversationID) {
            // A generation that outlives its client must be found again, at the server that runs it.
            if !loop.configuration.opens(.streams) || !takeConversation(line.value) { dropped.insert(.conversationID) }
        }
        if !peer.isTrustedProxy { dropped.formUnion(.forwarding) }
        let hasOwnCookies = hasOwnCookies
        request.hasOwnCookies = hasOwnCookies
        if hasOwnCookies { dropped.insert(.cookie) }
        var bodyBytes = 0
        if case .length(let length) = head.body { bodyBytes = Int(min(length, Int64(Self.firstRoom))) }
        var marks = RequestMessage.Marks()
        // Head and body are one allocation. No byte of the client's head is written twice: the parts of an absolute-form
        // target are disjoint, and the value of an `X-Forwarded-For` stands for its whole line.
        let course = record.course
        if course != nil { dropped.insert(.traceParent) }
        let room = head.length + Self.addedBytes + (course == nil ? 0 : Self.traceBytes)
        var bytes = loop.spareBuffers.take(capacity: room + bodyBytes)
        bytes.writeWithOutputRawSpan(minimumWritableBytes: room) { output in
            let source = source.readableBytesSpan
            writeRequestLine(source, into: &output, &marks)
            marks.hosts = output.byteCount
            writeHost(source, into: &output)
            marks.keys = output.byteCount
            for line in head.fields where line.field == .authorization || line.field == .apiKey {
                output.append(source.extracting(line.line))
            }
            marks.rest = output.byteCount
            head.forEachKeptRange(dropping: dropped) { output.append(source.extracting($0)) }
            if hasOwnCookies { writeOtherCookies(source, into: &output) }
            writeForwarding(source, into: &output)
            let lines = loop.name.lines
            output.append(head.version == .http10 ? lines.http10 : isStream ? lines.http2 : lines.http11)
            output.append("X-Request-Id: ")
            identifier.write(into: &output)
            output.append("\r\n")
            if let course { write(course, into: &output, &marks) }
            if head.body == .chunked {
                output.append("Content-Length: ")
                output.append(RequestMessage.lengthToCome)
                marks.length = output.byteCount
                output.append("\r\n")
            }
            output.append("\r\n")
            marks.body = output.byteCount
        }
        let takesUpstreamKey = !request.isWithoutKey
        request.message = RequestMessage(head: bytes, marks, takesUpstreamKey: takesUpstreamKey)
    }

    /// - Returns: false if it couldn't be found again: where there is one server, nothing has to be.
    private func takeConversation(_ value: Range<Int>) -> Bool {
        guard 1...ConversationID.longest ~= value.count else { return loop.dispatcher.summary().registered <= 1 }
        request.conversation = Array(received.bytes.readableBytesView[relative: value])
        return true
    }

    /// The way from the client to us. What a trusted proxy says of it goes on here; what anybody else says is left out.
    private func writeForwarding(_ source: RawSpan, into output: inout OutputRawSpan) {
        output.append("X-Forwarded-For: ")
        if peer.isTrustedProxy {
            for line in head.fields where line.field == .forwardedFor && !line.value.isEmpty {
                output.append(source.extracting(line.value))
                output.append(", ")
            }
        }
        output.append(peer.forwardedFor)
        if !peer.isTrustedProxy || head.first(.forwardedProto) == nil {
            output.append(isSecure ? "\r\nX-Forwarded-Proto: https" : "\r\nX-Forwarded-Proto: http")
        }
        output.append("\r\n")
        guard peer.isTrustedProxy, head.first(.forwarded) != nil else { return }
        // RFC 7239 4: a list, of which this line is the end. Section 6: an IPv6 address is quoted.
        let isIPv6 = peer.forwardedFor.contains(UInt8(ascii: ":"))
        output.append(isIPv6 ? "Forwarded: for=\"[" : "Forwarded: for=")
        output.append(peer.forwardedFor)
        output.append(isIPv6 ? "]\"\r\n" : "\r\n")
    }

    /// W3C Trace Context 3.2: the trace goes on below a span of ours.
    private func write(_ course: RequestCourse, into output: inout OutputRawSpan, _ marks: inout RequestMessage.Marks) {
        output.append("traceparent: 00-")
        output.appendHex(course.trace.high)
        output.appendHex(course.trace.low)
        output.append("-")
        marks.span = output.byteCount
        output.appendHex(course.span.rawValue)
        output.append("-01\r\n")
    }

    private var hasOwnCookies: Bool {
        let source = received.bytes
        for line in head.fields where line.field == .cookie {
            if OwnCookies.mayBe(in: source.readableBytesUInt8Span.extracting(line.value)) { return true }
        }
        return false
    }

    private func writeOtherCookies(_ source: RawSpan, into output: inout OutputRawSpan) {
        let received = received.bytes
        for line in head.fields where line.field == .cookie {
            var ranges: [Range<Int>] = []
            OwnCookies.forEachOther(in: received.readableBytesUInt8Span.extracting(line.value)) { ranges.append($0) }
            for (index, range) in ranges.enumerated() {
                let start = line.value.lowerBound
                if index == 0 {
                    output.append(source.extracting(line.line.lowerBound..<start))
                } else {
                    output.append(";")
                }
                output.append(source.extracting(start + range.lowerBound..<start + range.upperBound))
            }
            if !ranges.isEmpty { output.append("\r\n") }
        }
    }

    private func writeRequestLine(
        _ source: RawSpan,
        into output: inout OutputRawSpan,
        _ marks: inout RequestMessage.Marks
    ) {
        output.append(source.extracting(head.methodName))
        output.append(" ")
        marks.target = output.byteCount
        // `http://host?query` has a query and no path. RFC 9112 3.2.4: the last proxy asks the whole server by `*`.
        if head.path.isEmpty { output.append(head.method == .options && head.pathAndQuery.isEmpty ? "*" : "/") }
        output.append(source.extracting(ownPath.lowerBound..<head.pathAndQuery.upperBound))
        output.append(" HTTP/1.1\r\n")
    }

    private func writeHost(_ source: RawSpan, into output: inout OutputRawSpan) {
        if let authority = head.authority {
            output.append("Host: ")
            output.append(source.extracting(authority))
            output.append("\r\n")
        } else if let host = head.first(.host) {
            output.append(source.extracting(host.line))
        } else {
            // HTTP/1.0 may do without; HTTP/1.1, which the upstream gets, may not.
            output.append("Host: localhost\r\n")
        }
    }
}

extension ByteBuffer {
    /// Appends a part of another buffer, given relative to its readable bytes.
    mutating func write(_ source: ByteBuffer, _ range: Range<Int>) {
        writeBytes(source.readableBytesSpan.extracting(range))
    }
}
