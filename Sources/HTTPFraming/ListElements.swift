/// Walks the elements of a comma-separated list, RFC 9110 5.6.1; empty ones are skipped.
struct ListElements {
    private var rest: Range<Int>

    init(_ value: Range<Int>) {
        rest = value
    }

    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        while !rest.isEmpty {
            var comma = rest.lowerBound
            while comma < rest.upperBound, bytes[comma] != UInt8(ascii: ",") { comma &+= 1 }
            let element = bytes.trimmed(rest.lowerBound..<comma)
            rest = min(comma &+ 1, rest.upperBound)..<rest.upperBound
            if !element.isEmpty { return element }
        }
        return nil
    }
}
