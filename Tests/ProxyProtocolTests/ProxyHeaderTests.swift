import AccessControl
import ProxyProtocol
import Testing

/// By HAProxy's doc/proxy-protocol.txt.
@Suite("Headers of the PROXY protocol")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let six: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [7]

    /// - Parameter announced: how many bytes follow by its own word; nil: as many as do.
    private static func v2(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], announced: Int? = nil) -> [UInt8] {
        let length = announced ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    private static let four = [192, 0, 2, 7, 10, 0, 0, 1] as [UInt8] + [0xC0, 0x01, 0x1F, 0x96]
    private static let tlv: [UInt8] = [0x04, 0x00, 0x03, 1, 2, 3, 0x20, 0x00, 0x05, 1, 0, 0, 0, 0]

    static let headers: [(String, [UInt8], String?)] = [
        ("TCP4", Array("PROXY TCP4 192.0.2.7 10.0.0.1 49153 8086\r\n".utf8), "192.0.2.7"),
        ("TCP6", Array("PROXY TCP6 2001:db8::7 2001:db8::1 49153 8086\r\n".utf8), "2001:db8::7"),
        ("ports at their ends", Array("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n".utf8), "0.0.0.0"),
        (
            "the longest of TCP6",
            Array(
                "PROXY TCP6 ffff:f:f:f:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n".utf8
            ), "ffff:f:f:f:ffff:ffff:ffff:ffff"
        ),
        ("UNKNOWN", Array("PROXY UNKNOWN\r\n".utf8), nil),
        (
            "UNKNOWN with the most that can follow",
            Array(
                "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"
                    .utf8
            ), nil
        ),
        ("v2 TCP4", v2(0x21, 0x11, four), "192.0.2.7"),
        ("v2 TCP4 with TLVs", v2(0x21, 0x11, four + tlv), "192.0.2.7"),
        ("v2 TCP6", v2(0x21, 0x21, six + six + [0xC0, 1, 0x1F, 0x96]), "2001:db8::7"),
        ("v2 TCP6 with TLVs", v2(0x21, 0x21, six + six + [0xC0, 1, 0x1F, 0x96] + tlv), "2001:db8::7"),
        ("v2 LOCAL", v2(0x20, 0x00, []), nil),
        ("v2 LOCAL with addresses, which mean nothing", v2(0x20, 0x11, four), nil),
        ("v2 LOCAL of a family that nobody knows", v2(0x20, 0x77, [1, 2, 3]), nil),
        ("v2 of nobody knows what", v2(0x21, 0x00, tlv), nil),
        ("v2 UDP", v2(0x21, 0x12, four), nil),
        ("v2 of a UNIX socket", v2(0x21, 0x31, Array(repeating: 0x2F, count: 216)), nil),
        ("v2, the longest", v2(0x21, 0x11, four + Array(repeating: 0, count: ProxyHeader.longest - 28)), "192.0.2.7"),
    ]

    @Test(
        "say whose connection it is, however they are cut up, and end where the connection's own bytes begin",
        arguments: headers
    )
    func good(what: String, bytes: [UInt8], client: String?) {
        let header = ProxyHeader(client: client.flatMap { IPAddress($0) }, length: bytes.count)
        #expect((header.client == nil) == (client == nil))
        for count in stride(from: 0, to: bytes.count, by: bytes.count > 512 ? 97 : 1) {
            #expect(ProxyHeader.read(bytes[..<count]) == .needsMore, "\(what), \(count) bytes")
        }
        #expect(ProxyHeader.read(bytes) == .header(header))
        for after in ["GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n", "\u{16}\u{3}"] {
            #expect(ProxyHeader.read(bytes + Array(after.utf8)) == .header(header))
        }
    }

    static let faults: [([UInt8], ProxyHeaderError)] = [
        (Array("GET / HTTP/1.1\r\n".utf8), .missing),
        ([0x16, 0x03, 0x01], .missing),
        (Array("POST ".utf8), .missing),
        (Array("proxy TCP4".utf8), .missing),
        (Array("PROXY\t".utf8), .missing),
        (Array("\r\nGET".utf8), .missing),
        (Array("PROXY \r\n".utf8), .malformedLine),
        (Array("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n".utf8), .malformedLine),
        (Array("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n".utf8), .malformedLine),
        (Array("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n".utf8), .malformedLine),
        (Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n".utf8), .malformedLine),
        (Array("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP4 ::1 1.2.3.4 1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP6 1.2.3.4 ::1 1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2\r\n".utf8), .malformedAddress),
        (Array("PROXY UNKNOWN ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 93), .lineTooLong),
        (
            Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n".utf8) + Array(repeating: UInt8(ascii: "\n"), count: 93),
            .lineTooLong
        ),
        (v2(0x11, 0x11, four), .unknownVersion),
        (v2(0x31, 0x11, four), .unknownVersion),
        (v2(0x22, 0x11, four), .unknownCommand),
        (v2(0x21, 0x13, four), .unknownFamily),
        (v2(0x21, 0x41, four), .unknownFamily),
        (v2(0x21, 0x01, four), .unknownFamily),
        (v2(0x21, 0x11, Array(four.dropLast())), .addressesTooShort),
        (v2(0x21, 0x21, four), .addressesTooShort),
        (v2(0x21, 0x31, Array(repeating: 1, count: 215)), .addressesTooShort),
        (v2(0x21, 0x11, [], announced: ProxyHeader.longest - 15), .tooLong),
        (v2(0x20, 0x00, [], announced: 0xFFFF), .tooLong),
    ]

    @Test("what is none is refused as soon as it is known, and stays refused", arguments: faults)
    func bad(bytes: [UInt8], error: ProxyHeaderError) {
        #expect(ProxyHeader.read(bytes) == .refused(error))
        #expect(ProxyHeader.read(bytes + [0x0D, 0x0A]) == .refused(error))
        var isRefused = false
        for count in 0...bytes.count {
            let reading = ProxyHeader.read(bytes[..<count])
            if isRefused { #expect(reading == .refused(error)) }
            isRefused = isRefused || reading == .refused(error)
            #expect(isRefused || reading == .needsMore)
        }
    }

    @Test("a line without an end is refused before it is longer than any can be")
    func endless() {
        let bytes = Array("PROXY UNKNOWN ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 200)
        #expect(ProxyHeader.read(bytes[..<106]) == .needsMore)
        #expect(ProxyHeader.read(bytes[..<107]) == .refused(.lineTooLong))
    }
}
