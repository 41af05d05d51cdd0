import LlamaServer
import Testing

@Suite("Network addresses")
struct NetworkAddressTests {
    @Test(
        "an address is read and written back",
        arguments: [
            ("127.0.0.1:8088", "127.0.0.1", 8088),
            ("localhost:1", "localhost", 1),
            ("llama-1.internal.example:65535", "llama-1.internal.example", 65535),
            ("my_host:80", "my_host", 80),
            ("[::1]:8088", "::1", 8088),
            ("[fe80::1%eth0]:8088", "fe80::1%eth0", 8088),
        ]
    )
    func readAndWritten(text: String, host: String, port: Int) throws {
        let address = try NetworkAddress(parsing: text)
        #expect(address == NetworkAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(
        "an unreadable address is refused in words that say what to write",
        arguments: [
            ("", "the address is empty; write host:port, for example 127.0.0.1:8088"),
            ("abc", "\"abc\" has no port; write host:port, for example 127.0.0.1:8088"),
            (":80", "\":80\" has no host; write host:port, for example 127.0.0.1:8088"),
            ("abc:", "\"abc:\": \"\" is not a port; give a number from 1 to 65535"),
            ("abc:0", "\"abc:0\": \"0\" is not a port; give a number from 1 to 65535"),
            ("abc:65536", "\"abc:65536\": \"65536\" is not a port; give a number from 1 to 65535"),
            ("abc:+80", "\"abc:+80\": \"+80\" is not a port; give a number from 1 to 65535"),
            ("abc:000080", "\"abc:000080\": \"000080\" is not a port; give a number from 1 to 65535"),
            ("a b:80", "\"a b:80\": \"a b\" is not a host name or an IP address"),
            ("[abc]:80", "\"[abc]:80\": \"[abc]\" is not a host name or an IP address"),
            ("[::1]", "\"[::1]\" has no port; write [address]:port, for example [::1]:8088"),
            (
                "[::1]80",
                "\"[::1]80\" has no colon between bracket and port; write [address]:port, for example [::1]:8088"
            ),
            ("[::1:80", "\"[::1:80\" has no closing bracket; write [address]:port, for example [::1]:8088"),
            (
                "::1:80",
                "\"::1:80\": an IPv6 address needs brackets before a port; write [address]:port, for example [::1]:8088"
            ),
            (
                "http://abc:80",
                "\"http://abc:80\" is more than an address; write host:port alone, for example 127.0.0.1:8088"
            ),
        ]
    )
    func refused(text: String, message: String) {
        let error = #expect(throws: NetworkAddressError.self) { try NetworkAddress(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("port 0 is for those who ask for it")
    func portZero() throws {
        #expect(try NetworkAddress(parsing: "127.0.0.1:0", allowingZeroPort: true).port == 0)
    }
}
