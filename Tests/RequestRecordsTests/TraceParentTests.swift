import RequestRecords
import Testing

@Suite("What a traceparent says")
struct TraceParentTests {
    private func parent(_ text: String) -> TraceParent? { TraceParent(Array(text.utf8).span) }

    @Test("its parts are the version, the trace, the span and whether the trace is recorded")
    func known() {
        let parent = parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect(parent?.trace == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
        #expect(parent?.span == SpanID(0xb7ad_6b71_6920_3331))
    }

    @Test("the last bit of its flags says that the trace is recorded", arguments: ["00", "01", "02", "03", "fe", "ff"])
    func sampled(flags: String) {
        let parent = parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-" + flags)
        #expect(parent?.isSampled == ["01", "03", "ff"].contains(flags))
    }

    @Test("a later version may say more behind what is known")
    func later() {
        #expect(parent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-will-be") != nil)
        #expect(parent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what") == nil)
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
        #expect(parent(text) == nil)
    }
}
