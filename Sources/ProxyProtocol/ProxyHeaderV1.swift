internal import AccessControl

/// A line of text (proxy-protocol.txt 2.1).
enum ProxyHeaderV1 {
    private static let signature = Array("PROXY ".utf8)
    /// With its end: the longest that can be, of which nobody knows the family.
    private static let longest = 107

    static func read(_ bytes: [UInt8]) -> ProxyHeader.Reading {
        guard bytes.starts(with: signature.prefix(bytes.count)) else { return .refused(.missing) }
        let line = bytes.prefix(longest)
        guard let end = line.indices.first(where: { $0 > 0 && line[$0 - 1] == 0x0D && line[$0] == 0x0A }) else {
            return bytes.count < longest ? .needsMore : .refused(.lineTooLong)
        }
        let words = line[..<(end - 1)].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        return client(words.dropFirst().map { String(decoding: $0, as: UTF8.self) }, length: end + 1)
    }

    private static func client(_ words: [String], length: Int) -> ProxyHeader.Reading {
        switch words.first {
        // Whatever else stands there is to be passed over.
        case "UNKNOWN": return .header(ProxyHeader(client: nil, length: length))
        case "TCP4", "TCP6": break
        default: return .refused(.malformedLine)
        }
        guard words.count == 5 else { return .refused(.malformedLine) }
        let isSix = words[0] == "TCP6"
        guard let client = address(words[1], isSix: isSix), address(words[2], isSix: isSix) != nil,
            isPort(words[3]), isPort(words[4])
        else { return .refused(.malformedAddress) }
        return .header(ProxyHeader(client: client, length: length))
    }

    private static func address(_ text: String, isSix: Bool) -> IPAddress? {
        guard text.utf8.contains(UInt8(ascii: ":")) == isSix, text.utf8.allSatisfy(isOfAddress) else { return nil }
        return IPAddress(text)
    }

    /// No zone, and no zero byte, behind which C reads no further.
    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Digits alone, and no zero in front of others.
    private static func isPort(_ text: String) -> Bool {
        guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return false
        }
        return (text == "0" || !text.hasPrefix("0")) && UInt16(text) != nil
    }
}
