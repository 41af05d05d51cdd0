import Testing

@testable import AccessControl

@Suite("Addresses and their ranges")
struct AddressRangeTests {
    @Test(
        "an address is written in one way, an IPv4 one as such",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:C000:0201", "192.0.2.1"),
            ("::ffff:127.0.0.1", "127.0.0.1"), ("2001:DB8:0:0::1", "2001:db8::1"), ("::1", "::1"),
            ("fe80::1%eth0", "fe80::1"), ("::192.0.2.1", "::192.0.2.1"),
        ]
    )
    func written(text: String, expected: String) {
        #expect(IPAddress(text).map { "\($0)" } == expected)
    }

    @Test("what is no address is none", arguments: ["", "localhost", "127.1", "1.2.3.4:80", "[::1]", "1.2.3.4.5", ":"])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "a range has the addresses that begin as it does",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false), ("192.0.2.7/31", "192.0.2.6", true),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.9", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("2001:db8::/64", "2001:db8:0:0:1::", true), ("2001:db8::/64", "2001:db8:0:1::", false),
            ("::1", "::1", true), ("::1", "::2", false), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ]
    )
    func contains(range: String, address: String, expected: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "what is no range is none",
        arguments: [
            "", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "host/8", "fe80::1%eth0/64",
        ]
    )
    func noRange(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        "a range is shown as it would be written",
        arguments: ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "0.0.0.0/0", "::/0"]
    )
    func shown(text: String) {
        #expect(AddressRange(text).map { "\($0)" } == text)
    }

    @Test(
        "this machine alone is trusted unless somebody says more",
        arguments: ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]
    )
    func loopback(address: String) throws {
        #expect(TrustedProxies.loopback.contains(try #require(IPAddress(address))))
        #expect(!TrustedProxies.loopback.contains(try #require(IPAddress("192.0.2.1"))))
        #expect(!TrustedProxies([]).contains(try #require(IPAddress(address))))
    }
}
