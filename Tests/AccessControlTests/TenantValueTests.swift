import Testing

@testable import AccessControl

@Suite("What tenants are made of")
struct TenantValueTests {
    @Test(
        "a pattern means what it says",
        arguments: [
            ("llama-*", ["llama-3", "llama-"], ["llama", "my-llama-3", "Llama-3"]),
            ("*", ["", "anything/at:all"], []),
            ("*-72b", ["qwen-72b", "-72b-72b"], ["qwen-72b-x", "72b"]),
            ("a*b*c", ["abc", "aXbYbZc", "abbcbc"], ["ab", "acb", "abcd"]),
            ("gpt-?", ["gpt-4", "gpt-ü"], ["gpt-", "gpt-4o"]), ("a**?", ["ab", "abc"], ["a"]),
            ("exact", ["exact"], ["exactly", "Exact", ""]),
        ]
    )
    func patterns(pattern: String, allowed: [String], refused: [String]) {
        let patterns = ModelPatterns([pattern])
        for name in allowed { #expect(patterns.allows(name), "\(name)") }
        for name in refused { #expect(!patterns.allows(name), "\(name)") }
    }

    @Test("a pattern that nearly matches everywhere is soon known not to")
    func hostilePattern() {
        let pattern = String(repeating: "a*", count: 250) + "b"
        #expect(!ModelPatterns([pattern]).allows(String(repeating: "a", count: 512)))
    }

    @Test(
        "days are days of the calendar",
        arguments: [
            ("1970-01-01", 0), ("1970-12-31", 364), ("1972-02-29", 789), ("2000-03-01", 11_017), ("2027-01-31", 20_849),
            ("9999-12-31", 2_932_896),
        ]
    )
    func days(text: String, days: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.daysSince1970 == days && "\(date)" == text)
        #expect(CivilDate(secondsSince1970: days * 86_400 + 86_399) == date)
    }

    @Test(
        "what is no day is none",
        arguments: [
            "", "2027-1-31", "2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "1969-12-31", "27-01-31",
            "2027-01-31 ", "2027-+1-01", "２０２７-01-01",
        ]
    )
    func noDays(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test("a tenant is let in until its last day is over, UTC")
    func until() {
        let tenant = Tenant(number: 1, name: "a", rank: 0, until: CivilDate("2027-01-31"))
        let midnight = 20_850 * 86_400
        #expect(!tenant.isOver(at: midnight - 1) && tenant.isOver(at: midnight))
    }

    @Test("who names no class has the usual one, which is the second of three")
    func usualClass() {
        #expect(TenantClasses.standard.usualRank == TenantClasses.standardRank)
        #expect(TenantClasses.standard.rank(of: "interactive") == 0 && TenantClasses.standard.rank(of: "Batch") == nil)
    }

    @Test("an address is one tenant as long as it is remembered, and so is a network of IPv6")
    func addresses() throws {
        var tenants = AddressTenants(limit: 3)
        func number(_ text: String) throws -> Int { tenants.number(of: try #require(IPAddress(text))) }
        let first = try number("192.0.2.1")
        #expect(try number("::ffff:192.0.2.1") == first && first > 0)
        let six = try number("2001:db8::1")
        #expect(try number("2001:db8::ffff:1") == six && six != first)
        let third = try number("192.0.2.3")
        // Seen again, so that the second is the one that is forgotten.
        #expect(try number("192.0.2.1") == first)
        let fourth = try number("192.0.2.4")
        #expect(tenants.count == 3 && Set([first, six, third, fourth]).count == 4)
        #expect(
            try number("192.0.2.1") == first && (try number("192.0.2.3")) == third
                && (try number("192.0.2.4")) == fourth
        )
        #expect(try number("2001:db8::1") > fourth)
    }

    @Test("the least recently seen is forgotten, whatever the order of arrivals", arguments: [1, 2, 3, 8])
    func forgetting(limit: Int) throws {
        var tenants = AddressTenants(limit: limit)
        var expected: [(address: String, number: Int)] = []
        var state: UInt64 = 1
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let address = "10.0.0.\(state >> 33 & 15)"
            let number = tenants.number(of: try #require(IPAddress(address)))
            if let place = expected.firstIndex(where: { $0.address == address }) {
                #expect(expected[place].number == number)
                expected.remove(at: place)
            }
            expected.append((address, number))
            if expected.count > limit { expected.removeFirst() }
            #expect(tenants.count == expected.count)
        }
    }
}
