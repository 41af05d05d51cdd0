// Hot path: `append` runs for every chunk of an answer.

import LlamaServer
import NIOCore

/// The last kilobyte of an answer, copied as it passes: what llama-server says of tokens stands there.
///
/// A copy, because holding on to the buffers themselves would keep NIO from using them again; of a kilobyte at most per
/// chunk, which costs some 20 ns. One for each upstream connection, so that nothing is allocated per answer.
struct AnswerTail {
    static let capacity = 1024

    private var bytes: [UInt8] = []
    private var length = 0
    /// Where the next byte goes.
    private var position = 0
    /// What the first event of a streamed `/v1/messages` answer said.
    private(set) var start: ReportedUsage?

    mutating func begin() {
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Self.capacity) }
        start = nil
        length = 0
        position = 0
    }

    /// What came so far is the first event. It is forgotten, so that it isn't taken for the end of a short answer.
    mutating func endFirstEvent() {
        start = usage
        length = 0
        position = 0
    }

    mutating func append(_ piece: ByteBuffer) {
        guard !bytes.isEmpty else { return }
        let start = position
        let count = min(piece.readableBytes, Self.capacity)
        let untilEnd = min(count, Self.capacity - start)
        piece.withUnsafeReadableBytes { source in
            guard let last = source.baseAddress?.advanced(by: source.count - count) else { return }
            bytes.withUnsafeMutableBytes { target in
                guard let first = target.baseAddress else { return }
                first.advanced(by: start).copyMemory(from: last, byteCount: untilEnd)
                first.copyMemory(from: last.advanced(by: untilEnd), byteCount: count - untilEnd)
            }
        }
        position = (start + count) % Self.capacity
        length = min(length + count, Self.capacity)
    }

    /// What the answer said of tokens, if it came to its end and did.
    var usage: ReportedUsage? {
        guard length > 0 else { return nil }
        // In order as it stands, unless something was overwritten.
        guard length == Self.capacity, position > 0 else {
            return ReportedUsage(endingIn: bytes.span.extracting(0..<length), begunWith: start)
        }
        let inOrder = Array(bytes[position...]) + Array(bytes[..<position])
        return ReportedUsage(endingIn: inOrder.span, begunWith: start)
    }
}
