// Hot path: `append` runs for every chunk of an answer.

package import LlamaServer

/// The last kilobyte of a response, copied as it passes: what llama-server says of tokens stands there.
///
/// A copy, because holding on to the buffers themselves would keep them from being used again; of a kilobyte at most per
/// chunk, which costs some 20 ns. One for each upstream connection, so that nothing is allocated per response.
package struct AnswerTail: Sendable {
    package static let capacity = 1024

    private var bytes: [UInt8] = []
    private var length = 0
    /// Where the next byte goes.
    private var position = 0
    /// What the first event of a streamed `/v1/messages` answer said.
    package private(set) var start: ReportedUsage?

    package init() {}

    package mutating func begin() {
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Self.capacity) }
        start = nil
        length = 0
        position = 0
    }

    /// What came so far is the first event. It is forgotten, so that it isn't taken for the end of a short answer.
    package mutating func endFirstEvent() {
        start = usage
        length = 0
        position = 0
    }

    package mutating func append(_ piece: borrowing Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        let start = position
        let count = min(piece.count, Self.capacity)
        let untilEnd = min(count, Self.capacity - start)
        piece.withUnsafeBytes { source in
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
    package var usage: ReportedUsage? {
        guard length > 0 else { return nil }
        // In order as it stands, unless something was overwritten.
        guard length == Self.capacity, position > 0 else {
            return ReportedUsage(endingIn: bytes.span.extracting(0..<length), begunWith: start)
        }
        let inOrder = Array(bytes[position...]) + Array(bytes[..<position])
        return ReportedUsage(endingIn: inOrder.span, begunWith: start)
    }
}
