import Testing

@testable import HTTP2Front

@Suite("What a stream has written and its connection hasn't taken")
struct StreamOutputTests {
    @Test("one that has much to send stops, and goes on when it has little")
    func marks() {
        var output = StreamOutput(connectionIsWritable: true)
        // Whether each of them changes anything.
        let writing = [64 << 10, 1, 1000].map { output.wrote($0) }
        #expect(writing == [false, true, false] && !output.isWritable)
        let sending = [32 << 10, 1001, 1].map { output.sent($0) }
        #expect(sending == [false, false, true] && output.isWritable)
        #expect(output.unsent == (32 << 10) - 1)
    }

    @Test("it goes on when both its client and its connection take more")
    func connection() {
        var output = StreamOutput(connectionIsWritable: false)
        let changes = [
            output.wrote(65 << 10), output.connectionBecame(isWritable: true), output.sent(65 << 10),
            output.connectionBecame(isWritable: false), output.connectionBecame(isWritable: false),
        ]
        #expect(changes == [false, false, true, true, false] && !output.isWritable)
    }

    @Test("a window is opened again when half of it is used, and one that is below zero, too")
    func windows() {
        #expect(HTTP2Limits.increment(of: 129, to: 256) == nil)
        #expect(HTTP2Limits.increment(of: 128, to: 256) == 128)
        #expect(HTTP2Limits.increment(of: 0, to: 256) == 256)
        #expect(HTTP2Limits.increment(of: -10, to: 256) == 266)
    }
}
