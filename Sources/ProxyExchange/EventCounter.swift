// Hot path: `count` runs for every chunk of a streamed answer.

import HTTPFraming
import LlamaServer

/// Counts the events of a stream as they pass: lines that begin with `data`, in chunks or not.
///
/// Nothing but line ends is looked for, of which a chunk of llama-server's holds four. An event whose first three bytes come
/// in two pieces isn't counted, since what is counted is an estimate that the answer's end corrects.
package struct EventCounter: Sendable {
    private var isAtLineStart = true

    package init() {}

    /// - Returns: how many events begin in this piece of the answer.
    package mutating func count(_ bytes: borrowing Span<UInt8>) -> Int {
        guard !bytes.isEmpty else { return 0 }
        var events = isAtLineStart && Self.isData(bytes, at: 0) ? 1 : 0
        var offset = 0
        while let end = bytes.index(of: UInt8(ascii: "\n"), from: offset) {
            offset = end + 1
            if Self.isData(bytes, at: offset) { events += 1 }
        }
        isAtLineStart = offset == bytes.count
        return events
    }

    /// Whether that line is data. Three letters are enough, and fewer aren't: `d` and `da` may be the size of a chunk.
    private static func isData(_ bytes: borrowing Span<UInt8>, at start: Int) -> Bool {
        bytes.count - start >= 3 && bytes[start] == UInt8(ascii: "d") && bytes[start + 1] == UInt8(ascii: "a")
            && bytes[start + 2] == UInt8(ascii: "t")
    }
}
