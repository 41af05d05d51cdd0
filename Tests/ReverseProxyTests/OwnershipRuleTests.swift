import LlamaServer
import Testing

@testable import ReverseProxy
@testable import Scheduling

@Suite("Whose a request is")
struct OwnershipRuleTests {
    private static let every: [EndpointKind] = [
        .slot(.openAI), .free, .described, .properties, .singleServer, .adapters, .stream, .streams, .control, .metrics,
        .models,
        .health,
    ]

    private static func upstream(_ word: String, isUsable: Bool = true) -> NamedUpstream {
        NamedUpstream(
            id: UpstreamID(index: 0, generation: 0),
            route: UpstreamRoute(address: NetworkAddress(host: word, port: 1)),
            agent: AgentID(rawValue: word),
            word: word,
            isUsable: isUsable
        )
    }

    private static func ownership(
        _ kind: EndpointKind,
        _ word: String?,
        _ named: [NamedUpstream] = [],
        registered: Int = 2
    ) throws(Ownership.Objection) -> Ownership? {
        try Ownership.of(kind, word: word, named: named, registered: registered)
    }

    @Test("with one server at most, all is the scheduler's to say", arguments: every, [0, 1])
    func only(kind: EndpointKind, registered: Int) throws {
        #expect(try Self.ownership(kind, nil, registered: registered) == nil)
    }

    @Test("whoever is named gets it, whatever it is", arguments: every, [1, 2])
    func named(kind: EndpointKind, registered: Int) throws {
        let upstream = Self.upstream("a")
        #expect(try Self.ownership(kind, "a", [upstream], registered: registered) == .one(upstream))
        #expect(throws: Ownership.Objection.unknown("b")) { try Self.ownership(kind, "b", registered: registered) }
        #expect(throws: Ownership.Objection.ambiguous("a", [upstream, upstream])) {
            try Self.ownership(kind, "a", [upstream, upstream], registered: registered)
        }
    }

    @Test("one that gets nothing new is asked what it is, and given nothing to run")
    func draining() throws {
        let upstream = Self.upstream("a", isUsable: false)
        #expect(try Self.ownership(.singleServer, "a", [upstream]) == .one(upstream))
        #expect(throws: Ownership.Objection.notUsable(upstream)) {
            try Self.ownership(.slot(.native), "a", [upstream])
        }
    }

    @Test("of several, without a name, any says how it is, all do what is for all, and one can't be guessed")
    func nameless() throws {
        #expect(try Self.ownership(.described, nil) == .anyone)
        #expect(try Self.ownership(.properties, nil) == .anyone)
        #expect(try Self.ownership(.adapters, nil) == .all(.adapters))
        #expect(throws: Ownership.Objection.notNamed) { try Self.ownership(.singleServer, nil) }
        #expect(try Self.ownership(.streams, nil) == .all(.streams))
        #expect(try Self.ownership(.control, nil) == .all(.control))
        #expect(try Self.ownership(.stream, nil) == .anyone)
        #expect(
            try Ownership.of(.stream, conversation: [1], word: nil, named: [], registered: 2) == .holder(of: [1])
        )
        #expect(try Ownership.of(.stream, conversation: [1], word: nil, named: [], registered: 1) == nil)
        for kind in Self.every where kind.isAnyones { #expect(try Self.ownership(kind, nil) == nil) }
    }
}
