/// Finds the fields that `Connection` names, RFC 9110 7.6.1. Apart from the usual walk over a head, because the naming
/// line may come after the named ones, and because hardly any message has such fields.
enum NominatedFields {
    /// `known` with the nominated fields among them, in order.
    /// - Parameter extent: of the field lines, all of which are well-formed.
    static func marked(in bytes: Span<UInt8>, known: [KnownFieldLine], extent: Range<Int>) -> [KnownFieldLine] {
        let namings = known.filter { $0.field == .connection }
        var marked: [KnownFieldLine] = []
        var later = known[...]
        var start = extent.lowerBound
        while start < extent.upperBound {
            let lineEnd = bytes.endOfLine(from: start)
            if let line = later.first, line.line.lowerBound == start {
                marked.append(line)
                later.removeFirst()
            } else {
                let colon = bytes.endOfToken(from: start, to: lineEnd)
                if isNamed(start..<colon, by: namings, in: bytes) {
                    let value = bytes.trimmed(colon + 1..<lineEnd)
                    marked.append(KnownFieldLine(field: .nominated, line: start..<lineEnd + 2, value: value))
                }
            }
            start = lineEnd + 2
        }
        return marked
    }

    private static func isNamed(_ name: Range<Int>, by namings: [KnownFieldLine], in bytes: Span<UInt8>) -> Bool {
        for naming in namings {
            var options = ListElements(naming.value)
            while let option = options.next(in: bytes) {
                if bytes.tokensMatch(option, name) { return true }
            }
        }
        return false
    }
}
