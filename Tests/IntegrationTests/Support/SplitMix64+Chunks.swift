import SeededRandom

extension SplitMix64 {
    /// - Parameter largest: no chunk is larger.
    mutating func chunked(_ body: [UInt8], atMost largest: Int) -> [UInt8] {
        var result: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(below(largest) + 1)
            result += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
            rest = rest.dropFirst(chunk.count)
        }
        return result + Array("0\r\n\r\n".utf8)
    }
}
