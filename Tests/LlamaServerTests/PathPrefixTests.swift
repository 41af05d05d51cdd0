import LlamaServer
import Testing

@Suite("Path prefixes and sockets")
struct PathPrefixTests {
    @Test(
        "what llama-server takes for --api-prefix is one, with or without a slash at its end",
        arguments: [
            ("/llm", "/llm"), ("/llm/", "/llm"), ("/a/b-c_d.e~1", "/a/b-c_d.e~1"), ("", nil), ("/", nil), ("llm", nil),
            ("//", nil), ("/a//b", nil), ("/a b", nil), ("/a?b", nil), ("/a%62", nil), ("/a\r\nX: y", nil), ("/ä", nil),
        ] as [(String, String?)]
    )
    func reading(text: String, prefix: String?) {
        #expect(PathPrefix(text)?.text == prefix)
    }

    @Test(
        "only whole segments are a prefix",
        arguments: [("/llm/slots", true), ("/llm/", true), ("/llm", false), ("/llmx/slots", false), ("/slots", false)]
    )
    func segments(path: String, has: Bool) {
        #expect(Endpoint.hasPrefix(Array("/llm".utf8), Array(path.utf8).span) == has)
    }

    @Test("a socket is an address where a llama-server is meant, and is written as it was read")
    func socket() throws {
        let address = try NetworkAddress(parsing: "unix:/run/llama.sock", allowingSocket: true)
        #expect(address.socketPath == "/run/llama.sock")
        #expect(address.description == "unix:/run/llama.sock")
        #expect(address.isLoopback)
        #expect(throws: NetworkAddressError.url("unix:/run/llama.sock")) {
            try NetworkAddress(parsing: "unix:/run/llama.sock")
        }
    }

    @Test(
        "a socket is told from others by its path, whose case counts",
        arguments: [
            ("unix:/run/llama.sock", true), ("unix://run/./llama.sock", true), ("unix:/run/Llama.sock", false),
            ("unix:/run/other.sock", false),
        ]
    )
    func identity(text: String, isSame: Bool) throws {
        let socket = try NetworkAddress(parsing: "unix:/run/llama.sock", allowingSocket: true)
        let other = try NetworkAddress(parsing: text, allowingSocket: true)
        #expect((socket.identity == other.identity) == isSame)
        #expect(other.identity.socketPath == other.canonical.socketPath)
    }

    @Test(
        "what no socket can be called is refused",
        arguments: [
            "unix:", "unix:/", "unix:/run/", "unix:run/llama.sock", "unix:/a b",
            "unix:/" + String(repeating: "a", count: 103),
        ]
    )
    func noSocket(text: String) {
        #expect(throws: NetworkAddressError.notASocket(text)) {
            try NetworkAddress(parsing: text, allowingSocket: true)
        }
    }
}
