import Testing

@testable import AgentProtocol

@Suite("Objects without delimiters")
struct JSONObjectSplitterTests {
    private static let objects = [
        #"{"a":1}"#, #"{}"#, #"{"a":{"b":[{},{}]},"c":"}{"}"#, #"{"quote":"\"","backslash":"\\"}"#, #"{"é":"\u007d{"}"#,
    ]

    private func split(_ pieces: [some Sequence<UInt8>]) throws -> [String] {
        var splitter = JSONObjectSplitter()
        var objects: [[UInt8]] = []
        for piece in pieces { objects += try splitter.append(piece) }
        #expect(splitter.isBetweenObjects)
        return objects.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("objects without a delimiter are told apart, wherever a stream of them is cut in three")
    func everySplit() throws {
        let bytes = Array(Self.objects.joined().utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                #expect(try split(pieces) == Self.objects)
            }
        }
    }

    @Test("white space between objects is no part of them")
    func whiteSpace() throws {
        #expect(try split([Array(" {}\r\n\t{\"a\": 1}\n".utf8)]) == ["{}", #"{"a": 1}"#])
    }

    @Test("what begins with anything but a brace is refused", arguments: ["[{}]", "}", "{},{}", "null", "\u{FEFF}{}"])
    func noObject(text: String) {
        #expect(throws: MessageError.self) { try split([Array(text.utf8)]) }
    }

    @Test("an object may be as long as the limit, and no longer, even if it never ends")
    func tooLong() throws {
        var splitter = JSONObjectSplitter(limit: 8)
        #expect(try splitter.append(Array(#"{"a":1}{"a":12}"#.utf8)).count == 2)
        #expect(throws: MessageError.messageTooLong(limit: 8)) { try splitter.append(Array(#"{"a":123}"#.utf8)) }
        var endless = JSONObjectSplitter(limit: 1000)
        #expect(throws: MessageError.messageTooLong(limit: 1000)) {
            try endless.append(repeatElement(UInt8(ascii: "{"), count: 1001))
        }
    }

    @Test("a stream that ends within an object has not ended well")
    func unfinished() throws {
        var splitter = JSONObjectSplitter()
        #expect(splitter.isBetweenObjects)
        _ = try splitter.append(Array(#"{}{"a":"}"#.utf8))
        #expect(!splitter.isBetweenObjects)
    }
}
