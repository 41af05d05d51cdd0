import PrintableText

/// Cuts a log into lines that may be shown, wherever its pieces end.
struct LogLines {
    private var line: [UInt8] = []

    /// UTF-8 bytes of a line; more than any balancer sends.
    private static let longest = 16 << 10

    /// - Returns: the lines that are whole now.
    mutating func read(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: line, as: UTF8.self).printable())
                line.removeAll(keepingCapacity: true)
            } else if line.count < Self.longest {
                line.append(byte)
            }
        }
        return lines
    }
}
