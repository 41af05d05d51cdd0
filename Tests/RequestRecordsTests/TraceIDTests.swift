import RequestRecords
import Testing

@Suite("Trace ids")
struct TraceIDTests {
    private func trace(_ text: String) -> TraceID? { TraceID(traceparent: Array(text.utf8).span) }

    @Test("the trace of a traceparent is its second part")
    func known() {
        let trace = trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect(trace?.high == 0x0af7_6519_16cd_43dd && trace?.low == 0x8448_eb21_1c80_319c)
    }

    @Test("a later version may say more behind what is known")
    func later() {
        #expect(trace("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-will-be") != nil)
        #expect(trace("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what") == nil)
    }

    @Test(
        "what is none isn't taken for one",
        arguments: [
            "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c.b7ad6b7169203331-01",
        ]
    )
    func none(text: String) {
        #expect(trace(text) == nil)
    }
}
