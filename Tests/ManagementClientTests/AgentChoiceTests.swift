import Testing

@testable import ManagementClient

struct AgentChoiceTests {
    private let agents = [
        ListedAgent(id: "1", name: "gpu-1", address: "10.0.0.1:8088", slotsLeased: 0, isDraining: false),
        ListedAgent(id: "2", name: "gpu-2", address: "10.0.0.2:8088", slotsLeased: 0, isDraining: false),
        ListedAgent(id: "3", name: "twin", address: "10.0.0.3:8088", slotsLeased: 0, isDraining: false),
        ListedAgent(id: "4", name: "twin", address: "10.0.0.4:8088", slotsLeased: 0, isDraining: false),
        ListedAgent(id: "5", name: "1", address: "10.0.0.5:8088", slotsLeased: 0, isDraining: false),
        ListedAgent(id: "", name: nil, address: "10.0.0.6:8088", slotsLeased: 1, isDraining: false),
    ]

    @Test("a server is found by its agent's name, id or its address", arguments: ["gpu-2", "2", "10.0.0.2:8088"])
    func found(word: String) throws {
        #expect(try AgentChoice.of(word, among: agents).id == "2")
    }

    @Test("a name that is another's id is refused with both of them: who chooses an id doesn't choose what is drained")
    func nameIsID() {
        let error = #expect(throws: ManagementClientError.self) { try AgentChoice.of("1", among: agents) }
        #expect(error?.description.contains("10.0.0.1:8088 (id 1), 10.0.0.5:8088 (id 5)") == true)
    }

    @Test("an address means its server, whoever is called so")
    func addressBeforeName() throws {
        let rogue = ListedAgent(
            id: "6",
            name: "10.0.0.2:8088",
            address: "10.0.0.7:8088",
            slotsLeased: 0,
            isDraining: false
        )
        #expect(try AgentChoice.of("10.0.0.2:8088", among: agents + [rogue]).id == "2")
    }

    @Test("only what is lost is forgotten, by its name or its address", arguments: ["gone", "10.0.0.9:8088"])
    func lost(word: String) throws {
        let gone = ListedAgent(
            id: "",
            name: "gone",
            address: "10.0.0.9:8088",
            slotsLeased: 0,
            isDraining: false,
            isLost: true
        )
        #expect(try AgentChoice.of(word, among: agents + [gone], lost: true).address == "10.0.0.9:8088")
        #expect(throws: ManagementClientError.notLost("gpu-2 (10.0.0.2:8088)")) {
            try AgentChoice.of("gpu-2", among: agents, lost: true)
        }
    }

    @Test("a name of two servers is refused with both of them")
    func ambiguous() {
        let error = #expect(throws: ManagementClientError.self) { try AgentChoice.of("twin", among: agents) }
        #expect(error?.description.contains("10.0.0.3:8088 (id 3), 10.0.0.4:8088 (id 4)") == true)
    }

    @Test("a name of none is refused with those there are")
    func unknown() {
        let error = #expect(throws: ManagementClientError.self) { try AgentChoice.of("gpu", among: agents) }
        #expect(error?.description.contains("gpu-1 (10.0.0.1:8088)") == true)
        #expect(throws: ManagementClientError.unknown("x", known: [])) { try AgentChoice.of("x", among: []) }
    }

    @Test("a terminal obeys nothing of what agents call themselves")
    func escapes() {
        let rogue = ListedAgent(
            id: "6",
            name: "\u{1B}]0;owned\u{7}\u{9B}31m\u{202E}",
            address: "10.0.0.7:8088",
            slotsLeased: 0,
            isDraining: false
        )
        #expect(rogue.inWords == "\u{FFFD}]0;owned\u{FFFD}\u{FFFD}31m\u{FFFD} (10.0.0.7:8088)")
    }

    @Test("a server without an agent gets nothing new anyway")
    func left() {
        #expect(throws: ManagementClientError.left("10.0.0.6:8088")) {
            try AgentChoice.of("10.0.0.6:8088", among: agents)
        }
    }
}
