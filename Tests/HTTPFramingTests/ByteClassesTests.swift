import Testing

@testable import HTTPFraming

@Suite("Character classes")
struct ByteClassesTests {
    private static let alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    @Test("tokens, names and hexadecimal digits are what the grammars list", arguments: UInt8.min...UInt8.max)
    func sets(_ byte: UInt8) {
        #expect(byte.isToken == (Self.alphanumerics + "!#$%&'*+-.^_`|~").utf8.contains(byte))
        #expect(byte.isRegisteredName == (Self.alphanumerics + "-._~!$&'()*+,;=").utf8.contains(byte))
        #expect(byte.isDigit == "0123456789".utf8.contains(byte))
        let digit = "0123456789abcdef".utf8.enumerated().first { $0.element == byte }
        let capital = "0123456789ABCDEF".utf8.enumerated().first { $0.element == byte }
        #expect(byte.hexValue.map(Int.init) == (digit ?? capital)?.offset)
    }
}
