/// Parts of a stream of server-sent events in, the data of whole events out.
///
/// Only what a balancer sends is understood: `data:` lines and comments. WHATWG HTML 9.2.6.
struct ServerSentEvents {
    /// The line that has not ended yet.
    private var line: [UInt8] = []
    private var data: [UInt8]?

    /// An event that is longer is not a balancer's.
    private static let mostBytes = 64 << 20

    struct TooLong: Error {}

    mutating func read(_ bytes: [UInt8]) throws(TooLong) -> [[UInt8]] {
        var events: [[UInt8]] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line += rest[..<end]
            rest = rest[(end + 1)...]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let event = endLine() { events.append(event) }
        }
        line += rest
        guard line.count + (data?.count ?? 0) <= Self.mostBytes else { throw TooLong() }
        return events
    }

    private mutating func endLine() -> [UInt8]? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer { data = nil }
            return data
        }
        let field = Array("data:".utf8)
        guard line.starts(with: field) else { return nil }
        var value = line.dropFirst(field.count)
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
        return nil
    }
}
