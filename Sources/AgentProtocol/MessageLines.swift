/// Cuts what comes over a connection into lines, wherever its pieces end. Holds at most one line.
public struct MessageLines: Sendable {
    private var line: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: the longest line in bytes, its end not counted.
    public init(limit: Int = AgentConnection.maximumLineBytes) {
        self.limit = limit
    }

    /// - Returns: the lines that are whole now, without their ends (`\n` or `\r\n`) and without empty ones.
    /// - Throws: `MessageError.lineTooLong`; nothing more can be read then.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(MessageError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                if !line.isEmpty { lines.append(line) }
                line = []
                continue
            }
            guard line.count < limit else { throw .lineTooLong(limit: limit) }
            line.append(byte)
        }
        return lines
    }
}
