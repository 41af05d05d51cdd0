import AccessControl
import SeededRandom
import Testing

@testable import Management

@Suite("Places at the management listener")
struct ConnectionPlacesTests {
    private static let limits = ConnectionPlaces.Limits(total: 320)

    private func address(_ number: Int) -> IPAddress? { IPAddress("10.0.\(number / 256).\(number % 256)") }

    @Test("the connection of an address that has been silent for longest makes room for its next one")
    func oneAddress() {
        var places = ConnectionPlaces(limits: Self.limits)
        for number in 1...Self.limits.strangersOfOneAddress {
            #expect(places.arrived(from: address(1)) == .accepted(UInt64(number), displacing: nil))
        }
        let next = UInt64(Self.limits.strangersOfOneAddress + 1)
        #expect(places.arrived(from: address(1)) == .accepted(next, displacing: 1))
        // What asks is spared as long as something waits, and what has asked waits anew.
        places.asks(2)
        places.asks(4)
        places.answered(4)
        #expect(places.arrived(from: address(1)) == .accepted(next + 1, displacing: 3))
        #expect(places.arrived(from: address(1)) == .accepted(next + 2, displacing: 5))
        #expect(places.arrived(from: address(2)) == .accepted(next + 3, displacing: nil))
    }

    @Test("strangers from many addresses leave room for those who show a token, who lose it to nobody")
    func manyAddresses() {
        var places = ConnectionPlaces(limits: Self.limits)
        for number in 0..<10_000 {
            guard case .accepted = places.arrived(from: address(number)) else {
                Issue.record("refused")
                return
            }
        }
        #expect(places.count == Self.limits.strangers)
        for _ in Self.limits.strangers..<Self.limits.total {
            guard case .accepted(let number, _) = places.arrived(from: address(1)) else {
                Issue.record("refused")
                return
            }
            places.admitted(number, with: .token([1]))
            places.answered(number)
        }
        for number in 0..<1000 { _ = places.arrived(from: address(number)) }
        #expect(places.count <= Self.limits.total)
        #expect(places.withdrawn { _ in false }.count == Self.limits.total - Self.limits.strangers)
    }

    @Test("when all places are those of known ones, a stranger is refused")
    func full() {
        var places = ConnectionPlaces(limits: Self.limits)
        for number in 1...Self.limits.total {
            _ = places.arrived(from: address(1))
            places.admitted(UInt64(number), with: .session("a"))
        }
        #expect(places.arrived(from: address(2)) == .refused)
        places.left(1)
        guard case .accepted = places.arrived(from: address(2)) else {
            Issue.record("refused")
            return
        }
    }

    @Test("a fleet that comes back at once from one address finds places, however many agents it has")
    func herd() {
        var places = ConnectionPlaces(limits: .init(total: 12_000))
        var displaced = 0
        for _ in 0..<10 {
            // As many as are accepted before any of them is read.
            let burst = (0..<1000).compactMap { _ -> UInt64? in
                guard case .accepted(let number, let other) = places.arrived(from: address(1)) else { return nil }
                if other != nil { displaced += 1 }
                return number
            }
            for number in burst {
                places.asks(number)
                places.admitted(number, with: nil)
            }
        }
        #expect(places.count == 10_000 && displaced == 0)
    }

    @Test(
        "whoever makes room is the one that looking through all of them would find",
        arguments: 0..<20 as Range<UInt64>
    )
    func displaced(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var places = ConnectionPlaces(limits: .init(total: 160))
        // Numbers of those that wait and of those that ask, each in the order in which they began to, and where they are from.
        var waiting: [(number: UInt64, from: Int)] = []
        var asking: [(number: UInt64, from: Int)] = []
        for _ in 0..<5000 {
            let any = (waiting + asking).randomElement(using: &random)
            switch (Int.random(in: 0..<8, using: &random), any) {
            case (0, let one?):
                places.left(one.number)
                waiting.removeAll { $0.number == one.number }
                asking.removeAll { $0.number == one.number }
            case (1, let one?), (2, let one?):
                places.asks(one.number)
                guard waiting.contains(where: { $0.number == one.number }) else { continue }
                waiting.removeAll { $0.number == one.number }
                asking.append(one)
            case (3, let one?):
                places.answered(one.number)
                waiting.removeAll { $0.number == one.number }
                asking.removeAll { $0.number == one.number }
                waiting.append(one)
            default:
                let from = Int.random(in: 0..<10, using: &random)
                let all = waiting + asking
                let ofAddress = all.filter { $0.from == from }
                let expected: UInt64? =
                    if ofAddress.count >= places.limits.strangersOfOneAddress {
                        ofAddress.first?.number
                    } else if all.count >= places.limits.strangers {
                        all.first?.number
                    } else {
                        nil
                    }
                guard case .accepted(let number, let displaced) = places.arrived(from: address(from)) else {
                    Issue.record("refused")
                    return
                }
                #expect(displaced == expected)
                waiting.removeAll { $0.number == displaced }
                asking.removeAll { $0.number == displaced }
                waiting.append((number, from))
            }
            #expect(places.count == waiting.count + asking.count)
        }
    }

    @Test("without tokens a connection keeps its place while something is done for it")
    func open() {
        var places = ConnectionPlaces(limits: .init(total: 1))
        #expect(places.arrived(from: address(1)) == .accepted(1, displacing: nil))
        places.asks(1)
        places.admitted(1, with: nil)
        #expect(places.arrived(from: address(2)) == .refused)
        places.answered(1)
        #expect(places.arrived(from: address(2)) == .accepted(2, displacing: 1))
    }

    @Test("those whose token or session is of no use any more are found")
    func withdrawn() {
        var places = ConnectionPlaces(limits: Self.limits)
        let credentials: [Credential?] = [.token([1]), .token([2]), .session("a"), nil, .token([1])]
        for (number, credential) in credentials.enumerated() {
            _ = places.arrived(from: address(1))
            places.admitted(UInt64(number + 1), with: credential)
        }
        #expect(places.withdrawn { $0 != .token([1]) }.sorted() == [1, 5])
        #expect(places.withdrawn { _ in true }.isEmpty)
    }
}
