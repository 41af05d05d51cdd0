import Testing

@testable import HTTP2Front

@Suite("How HTTP/2 begins")
struct PrefaceTests {
    private static let text = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    @Test("it is known when it is whole, and as far as it has come")
    func preface() {
        let bytes = Array((Self.text + "more").utf8)
        for count in 0..<24 { #expect(Preface.match(bytes.span.extracting(0..<count)) == .sofar) }
        for count in 24...28 { #expect(Preface.match(bytes.span.extracting(0..<count)) == .whole) }
    }

    @Test(
        "requests are something else with the first byte that differs",
        arguments: ["G", "PO", "PRO", "PRI /", "PRI * HTTP/1.1"]
    )
    func requests(text: String) {
        #expect(Preface.match(Array(text.utf8).span) == .no)
    }
}
