import Testing

@testable import RequestTracing

@Suite("Where spans go")
struct CollectorEndpointTests {
    @Test(
        "a URL without a path has OTLP's own",
        arguments: [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("HTTP://[::1]:4318/", "http://[::1]:4318/v1/traces"),
            ("https://otel.example", "https://otel.example/v1/traces"),
            ("https://otel.example:443/api/traces", "https://otel.example:443/api/traces"),
        ]
    )
    func urls(text: String, url: String) {
        #expect(CollectorEndpoint(text)?.url == url)
    }

    @Test(
        "what is no such URL, or has a secret in it, isn't taken",
        arguments: [
            "", "127.0.0.1:4318", "http://", "http://:4318", "http:///v1/traces", "ftp://a:1", "http://a:0",
            "http://a:1:2",
            "http://user:secret@a:4318", "http://a:4318/?key=secret", "http://a:4318/ x", "http://a:99999",
        ]
    )
    func none(text: String) {
        #expect(CollectorEndpoint(text) == nil)
    }
}
