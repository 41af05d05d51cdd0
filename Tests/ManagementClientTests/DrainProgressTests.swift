import Testing

@testable import ManagementClient

struct DrainProgressTests {
    private func progress(id: String = "1", leased: Int, isDraining: Bool) -> DrainProgress {
        let agent = ListedAgent(id: id, name: nil, address: "a:1", slotsLeased: leased, isDraining: isDraining)
        let other = ListedAgent(id: "2", name: nil, address: "b:1", slotsLeased: 9, isDraining: false)
        return DrainProgress.of("a:1", in: [other, agent])
    }

    @Test("a server is drained when nothing runs there any more, or when it is gone")
    func done() {
        #expect(progress(leased: 0, isDraining: true) == .done)
        #expect(DrainProgress.of("a:1", in: []) == .done)
    }

    @Test("it isn't while something runs, with or without an agent")
    func running() {
        #expect(progress(leased: 2, isDraining: true) == .running(2))
        #expect(progress(id: "", leased: 1, isDraining: false) == .running(1))
    }

    @Test("waiting makes no sense once somebody undrained it")
    func undrained() {
        #expect(progress(leased: 2, isDraining: false) == .undrained)
    }
}
