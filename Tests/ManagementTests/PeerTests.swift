import AccessControl
import HTTPTypes
import Testing

@testable import Management

@Suite("Whom a proxy speaks for")
struct PeerTests {
    @Test(
        "its word counts if it is trusted, and that of whoever it was told by only as far as those are",
        arguments: [
            ("10.0.0.1", "192.0.2.1", "192.0.2.1"), ("10.0.0.1", "198.51.100.9, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"), ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"), ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
            ("192.0.2.7", "192.0.2.1", "192.0.2.7"),
        ]
    )
    func client(address: String, field: String, expected: String) throws {
        let trusted = TrustedProxies([try #require(AddressRange("10.0.0.0/8"))])
        var head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: "/")
        head.headerFields[.xForwardedFor] = field
        head.headerFields[.xForwardedHost] = "ops.example, inner.example"
        let peer = Peer(head, at: IPAddress(address), trusted: trusted)
        #expect(peer.client == IPAddress(expected))
        #expect(peer.host == (address == "192.0.2.7" ? nil : "ops.example"))
        #expect(Peer(head, at: IPAddress(address), trusted: nil).client == IPAddress(address))
    }
}
