import RequestRecords
import Testing

@testable import RequestTracing

@Suite("Spans as OTLP's JSON")
struct SpanDocumentTests {
    private let resource = TraceResource(version: "1.2.3", random: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210))

    @Test("ids are hexadecimal, numbers of 64 bits stand in strings, enumerations are numbers")
    func document() {
        var span = TraceSpan(
            trace: TraceID(high: 0x0af7, low: 0x319c),
            id: SpanID(0xfe),
            parent: SpanID(0x31),
            hasRemoteParent: true,
            name: "chat \"q\"\n",
            kind: .server,
            start: 1_796_011_883_250_000_000,
            end: 1_796_011_883_250_000_001
        )
        span.attributes.add("a", "text")
        span.attributes.add("b", 7)
        span.attributes.append(SpanAttribute("c", .decimal(0.25)))
        span.attributes.append(SpanAttribute("d", .flag(true)))
        span.status = .failed("why")
        var root = TraceSpan(trace: span.trace, id: SpanID(1), parent: nil, name: "n", kind: .client, start: 1, end: 2)
        root.status = .failed(nil)
        var document = SpanDocument(of: resource)
        document.add(span)
        document.add(root)
        #expect(document.count == 2)
        #expect(
            String(decoding: document.ended(), as: UTF8.self) == """
                {"resourceSpans":[{"resource":{"attributes":[\
                {"key":"service.name","value":{"stringValue":"paddler"}},\
                {"key":"service.version","value":{"stringValue":"1.2.3"}},\
                {"key":"service.instance.id","value":{"stringValue":"01234567-89ab-4def-bedc-ba9876543210"}}]},\
                "scopeSpans":[{"scope":{"name":"paddler","version":"1.2.3"},"spans":[\
                {"traceId":"0000000000000af7000000000000319c","spanId":"00000000000000fe",\
                "parentSpanId":"0000000000000031","flags":769,"name":"chat \\"q\\"\\u000a","kind":2,\
                "startTimeUnixNano":"1796011883250000000","endTimeUnixNano":"1796011883250000001",\
                "attributes":[{"key":"a","value":{"stringValue":"text"}},{"key":"b","value":{"intValue":"7"}},\
                {"key":"c","value":{"doubleValue":0.25}},{"key":"d","value":{"boolValue":true}}],\
                "status":{"code":2,"message":"why"}},\
                {"traceId":"0000000000000af7000000000000319c","spanId":"0000000000000001","flags":257,"name":"n",\
                "kind":3,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[],"status":{"code":2}}]}]}]}
                """
        )
    }

    @Test("a request's spans stay together, in batches that a collector takes")
    func batches() {
        let records = Array(repeating: SampleRecords.streamed(), count: 10)
        var batches = SpanBatches(records, of: resource, size: 20)
        #expect(batches.left == 60)
        var sizes: [Int] = []
        while let batch = batches.take() { sizes.append(batch.spans) }
        #expect(sizes == [24, 24, 12] && batches.left == 0)
        var none = SpanBatches([], of: resource)
        #expect(none.take() == nil)
    }
}
