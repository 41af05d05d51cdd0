/// One answer as it came off the wire.
struct HTTPReply: Sendable {
    enum Ending: Sendable {
        /// Not over yet.
        case open
        /// The whole answer is there, by its own framing.
        case complete
        /// The connection ended first.
        case cut
        /// The connection was reset first.
        case reset
    }

    var status = 0
    var reason = ""
    var headers: [(name: String, value: String)] = []
    /// The statuses of 1xx answers that came before.
    var interim: [Int] = []
    /// Without the chunks' framing.
    var body: [UInt8] = []
    var isChunked = false
    var ending = Ending.open

    var endedCleanly: Bool { ending == .complete }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first header of that name, in any case.
    subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The data of each event so far, in order; comments are left out.
    var events: [String] {
        text.components(by: "\n\n").compactMap { block in
            let lines = block.split(separator: "\n").filter { $0.hasPrefix("data:") }
            guard !lines.isEmpty else { return nil }
            return lines.map { $0.dropFirst($0.hasPrefix("data: ") ? 6 : 5) }.joined(separator: "\n")
        }
    }
}

extension HTTPReply: CustomStringConvertible {
    var description: String {
        let fields = headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        return "\(status) \(reason) [\(fields)] \(body.count) bytes, \(ending): \(text.prefix(500))"
    }
}

extension String {
    /// Only what the separator ends: an unfinished last piece is left out.
    fileprivate func components(by separator: String) -> [Substring] {
        var pieces: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            pieces.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return pieces
    }
}
