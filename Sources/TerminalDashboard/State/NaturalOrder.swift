/// The order in which people count: gpu-2 before gpu-10.
enum NaturalOrder {
    static func isBefore(_ first: String, _ second: String) -> Bool {
        compare(Array(first.utf8), Array(second.utf8)) < 0
    }

    /// Below 0: in order.
    private static func compare(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var (one, two) = (0, 0)
        while one < first.count, two < second.count {
            if isDigit(first[one]), isDigit(second[two]) {
                let (left, right) = (number(first, &one), number(second, &two))
                if left.count != right.count { return left.count - right.count }
                if let (a, b) = zip(left, right).first(where: { $0 != $1 }) { return Int(a) - Int(b) }
            } else {
                let (a, b) = (lowercased(first[one]), lowercased(second[two]))
                if a != b { return Int(a) - Int(b) }
                one += 1
                two += 1
            }
        }
        return (first.count - one) - (second.count - two)
    }

    /// Its digits without leading zeros.
    private static func number(_ text: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return text[start..<index].drop { $0 == UInt8(ascii: "0") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
