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

    @Test("an id means its agent, whoever is called so")
    func idBeforeName() throws {
        #expect(try AgentChoice.of("1", among: agents).address == "10.0.0.1:8088")
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

    @Test("a server without an agent gets nothing new anyway")
    func left() {
        #expect(throws: ManagementClientError.left("10.0.0.6:8088")) {
            try AgentChoice.of("10.0.0.6:8088", among: agents)
        }
    }
}
