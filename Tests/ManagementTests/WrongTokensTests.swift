import AccessControl
import Scheduling
import Testing

@testable import Management

@Suite("Who guesses tokens")
struct WrongTokensTests {
    private let address = IPAddress("192.0.2.1")
    private let start = Instant(nanoseconds: 1_000_000_000)

    @Test("the first are refused at once, further ones after a pause, and many at one time without any answer to each")
    func pauses() {
        var tokens = WrongTokens()
        for _ in 0..<WrongTokens.free { #expect(tokens.refused(address, at: start).pause == .zero) }
        for _ in 0..<WrongTokens.mostHeld { #expect(tokens.refused(address, at: start).pause == WrongTokens.pause) }
        #expect(tokens.refused(address, at: start).pause == nil)
        tokens.released(address)
        #expect(tokens.refused(address, at: start).pause == WrongTokens.pause)
        #expect(tokens.refused(IPAddress("192.0.2.2"), at: start).pause == .zero)
        #expect(tokens.refused(address, at: start + WrongTokens.memory + .seconds(1)).pause == .zero)
    }

    @Test("addresses of one IPv6 network are one")
    func networks() {
        var tokens = WrongTokens()
        for number in 0..<WrongTokens.free { _ = tokens.refused(IPAddress("2001:db8::\(number)"), at: start) }
        #expect(tokens.refused(IPAddress("2001:db8::ffff:1"), at: start).pause == WrongTokens.pause)
        #expect(tokens.refused(IPAddress("2001:db8:0:1::1"), at: start).pause == .zero)
    }

    @Test("the log tells of an address now and then, with how often it was")
    func lines() {
        var tokens = WrongTokens()
        #expect(tokens.refused(address, at: start).said == 1)
        for _ in 0..<9 { #expect(tokens.refused(address, at: start).said == nil) }
        #expect(tokens.refused(address, at: start + WrongTokens.silence).said == 10)
    }

    @Test("many addresses fill neither the log nor the memory")
    func bounded() {
        var tokens = WrongTokens()
        var said = 0
        for number in 0..<(WrongTokens.limit * 2) {
            if tokens.refused(IPAddress("10.1.\(number / 256).\(number % 256)"), at: start).said != nil { said += 1 }
        }
        #expect(said == WrongTokens.mostLines)
        #expect(tokens.count == WrongTokens.limit)
    }
}
