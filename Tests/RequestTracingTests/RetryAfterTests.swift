import Testing

@testable import RequestTracing

@Suite("How long Retry-After is")
struct RetryAfterTests {
    /// 1994-11-06T08:49:37Z.
    private let now: Int64 = 784_111_777

    @Test(
        "seconds, or a date",
        arguments: [
            ("0", 0), ("120", 120), ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 09:49:38 GMT", 3601),
            ("Wed, 29 Feb 1996 08:49:37 GMT", 480 * 86_400), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ]
    )
    func known(text: String, seconds: Int64) {
        #expect(RetryAfter.seconds(text, now: now) == seconds)
    }

    @Test(
        "anything else says nothing",
        arguments: [
            "", "-1", "1.5", "soon", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
        ]
    )
    func unknown(text: String) {
        #expect(RetryAfter.seconds(text, now: now) == nil)
    }

    @Test("more than a number can be is for ever")
    func long() {
        #expect(RetryAfter.seconds(String(repeating: "9", count: 30), now: now) == .max)
    }
}
