import ExtProcMessages
import HTTP2Front
import NIOCore

/// An answer of our own, read as it is written in HTTP/1.1.
enum PickedAnswer {
    /// - Parameters:
    ///   - written: what has been written of it and wasn't used yet.
    ///   - response: what has been read of it.
    /// - Returns: all of it; nil: it isn't whole.
    static func read(
        _ answer: inout Answer,
        _ written: inout ByteBuffer,
        into response: inout ProcessingResponse.ImmediateResponse?
    ) throws -> ProcessingResponse.ImmediateResponse? {
        while written.readableBytes > 0 {
            switch try answer.next(written.readableBytesUInt8Span) {
            case .needMore: return nil
            case .head(let length, let isInterim, _):
                if !isInterim {
                    var read = ProcessingResponse.ImmediateResponse(status: answer.status)
                    let bytes = written
                    answer.forEachField(in: bytes.readableBytesUInt8Span) { name, value in
                        if isKept(name) { read.fields.append(.init(name, value)) }
                    }
                    response = read
                }
                written.moveReaderIndex(forwardBy: length)
            case .data(let range, _):
                written.moveReaderIndex(forwardBy: range.lowerBound)
                if let piece = written.readSlice(length: range.count) { response?.body.writeImmutableBuffer(piece) }
            case .framing(let count), .end(let count, _): written.moveReaderIndex(forwardBy: count)
            case .excess: return nil
            }
            if answer.isWhole { return response }
        }
        return answer.isWhole ? response : nil
    }

    /// - Parameter reason: plain ASCII without quotation marks.
    static func malformed(_ reason: String) -> ProcessingResponse.ImmediateResponse {
        var response = ProcessingResponse.ImmediateResponse(status: 400)
        response.fields = [.init("content-type", "application/json; charset=utf-8")]
        response.body.writeString(
            #"{"error":{"code":400,"message":"the request is malformed: \#(reason)","type":"invalid_request_error"}}"#
        )
        return response
    }

    /// Envoy writes these itself.
    private static func isKept(_ name: String) -> Bool {
        switch name {
        case "content-length", "date": false
        default: true
        }
    }
}
