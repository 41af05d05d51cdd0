import HTTPFraming
import Testing

@Suite("Request targets")
struct RequestTargetTests {
    struct Example: CustomTestStringConvertible, Sendable {
        var line: String
        var path: String
        var pathAndQuery: String
        var authority: String?

        init(_ line: String, path: String, _ pathAndQuery: String, authority: String? = nil) {
            self.line = line
            self.path = path
            self.pathAndQuery = pathAndQuery
            self.authority = authority
        }

        var testDescription: String { line }
    }

    @Test(
        "a target has its parts in each of the four forms",
        arguments: [
            Example("GET /", path: "/", "/"),
            Example("GET //a/b", path: "//a/b", "//a/b"),
            Example("GET /a?b=/c?d", path: "/a", "/a?b=/c?d"),
            Example("GET /?", path: "/", "/?"),
            Example("GET /\"<>\\^`{|}%zz", path: "/\"<>\\^`{|}%zz", "/\"<>\\^`{|}%zz"),
            Example("OPTIONS *", path: "*", "*"),
            Example("OPTIONS /a", path: "/a", "/a"),
            Example("GET http://h/a?b", path: "/a", "/a?b", authority: "h"),
            Example("GET HTTPS://[::1]:80/", path: "/", "/", authority: "[::1]:80"),
            Example("GET http://h", path: "", "", authority: "h"),
            Example("GET http://h?b/c", path: "", "?b/c", authority: "h"),
            Example("CONNECT h:443", path: "", "", authority: "h:443"),
            Example("CONNECT [::1]:443", path: "", "", authority: "[::1]:443"),
        ]
    )
    func forms(_ example: Example) throws {
        let head = try #require(try readRequest(example.line + " HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.path == example.path)
        #expect(head.pathAndQuery == example.pathAndQuery)
        #expect(head.authority == example.authority)
    }

    @Test(
        "a target of no form, or of one that the method doesn't have, is refused",
        arguments: [
            ("GET *", .targetDoesNotFitMethod), ("OPTIONS **", .invalidTarget), ("GET a", .invalidTarget),
            ("GET a:80", .invalidTarget), ("GET ftp://a/", .invalidTarget), ("GET http:/a", .invalidTarget),
            ("GET http:///a", .invalidAuthority), ("GET http://", .invalidAuthority),
            ("GET http://u:p@a/", .invalidAuthority), ("GET http://a:b/", .invalidAuthority),
            ("CONNECT /", .targetDoesNotFitMethod), ("CONNECT a", .invalidAuthority), ("CONNECT a:", .invalidAuthority),
            ("CONNECT 80", .invalidAuthority), ("CONNECT http://a:80", .invalidAuthority),
            ("CONNECT *", .invalidAuthority), ("CONNECT [::1]", .invalidAuthority),
        ] as [(String, FramingError)]
    )
    func refused(_ line: String, _ error: FramingError) {
        #expect(throws: error) { try readRequest(line + " HTTP/1.1\r\nHost: a\r\n\r\n") }
    }
}
