/// Cuts what comes over a connection into lines, wherever its pieces end. Holds at most one line.
public struct MessageLines: Sendable {
    private var line: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the longest line in bytes, its end not counted.
    public init(limit: Int = AgentConnection.maximumLineBytes) {
        self.limit = limit
    }

    /// - Returns: the lines that are whole now, without their ends (`\n` or `\r\n`).
    /// - Throws: `MessageError.lineTooLong`; nothing more can be read then.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(MessageError) -> [[UInt8]] {
        // An array at once: byte by byte through another module's iterator took a quarter of a report's time.
        let bytes = Array(bytes)
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            try hold(bytes[start..<end])
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            lines.append(line)
            line = []
            start = end + 1
        }
        try hold(bytes[start...])
        return lines
    }

    private mutating func hold(_ piece: ArraySlice<UInt8>) throws(MessageError) {
        guard line.count + piece.count <= limit else { throw .lineTooLong(limit: limit) }
        line += piece
    }
}
