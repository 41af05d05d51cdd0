import Foundation
import ManagementClient
import Testing

@testable import TerminalDashboard

/// Against files in `Expected`; with `PADDLER_WRITE_EXPECTED` set, they are written instead: read what changed then.
struct ScreenTests {
    private func expect(_ state: DashboardState, _ name: String, glyphs: Glyphs = .unicode) throws {
        let shown = state.text(glyphs).map { String($0.reversed().drop { $0 == " " }.reversed()) }
        let text = shown.joined(separator: "\n") + "\n"
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Expected/\(name).txt")
        if ProcessInfo.processInfo.environment["PADDLER_WRITE_EXPECTED"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test("a fleet on screens of all sizes", arguments: [(80, 24), (200, 50), (20, 5)], [0, 3, 200])
    func fleet(size: (width: Int, height: Int), agents: Int) throws {
        let document = SampleFleet.document(agents: agents)
        try expect(
            .showing(document, width: size.width, height: size.height),
            "\(size.width)x\(size.height)-\(agents)"
        )
    }

    @Test("agents in every state", arguments: [(80, 24), (200, 24)])
    func states(size: (width: Int, height: Int)) throws {
        var state = DashboardState.showing(SampleFleet.inEveryState(), width: size.width, height: size.height)
        _ = state.press(.down, .down)
        try expect(state, "\(size.width)x\(size.height)-states")
    }

    @Test("a line for each of several models, or for those for which somebody waits", arguments: [4, 20])
    func models(count: Int) throws {
        try expect(.showing(SampleFleet.document(models: count), width: 80, height: 24), "80x24-models-\(count)")
    }

    @Test("events, the newest first")
    func events() throws {
        var state = DashboardState.showing(SampleFleet.document(agents: 1), width: 60, height: 16)
        #expect(state.press(.character("e")) == [.loadEvents])
        _ = state.handle(.events(SampleFleet.events), at: .seconds(1))
        try expect(state, "events")
        _ = state.handle(.events(nil), at: .seconds(1))
        #expect(state.text().contains { $0.contains("keeps no events") })
    }

    @Test("requests, those under way first", arguments: [60, 132])
    func requests(width: Int) throws {
        var state = DashboardState.showing(SampleFleet.document(agents: 1), width: width, height: 16)
        #expect(state.press(.character("w")) == [.loadRequests])
        _ = state.handle(.requests(SampleFleet.requests), at: .seconds(1))
        try expect(state, "requests-\(width)")
        _ = state.press(.character("/"), .character("c"), .character("u"), .character("t"), .enter)
        #expect(state.text().contains { $0.contains("cut 200") })
        #expect(!state.text().contains { $0.contains("qwen3") })
        #expect(state.press(.escape).isEmpty && state.text().contains { $0.contains("qwen3") })
        #expect(state.press(.escape).isEmpty && state.pane == .table)
        _ = state.press(.character("w"))
        _ = state.handle(.requests(nil), at: .seconds(1))
        #expect(state.text().contains { $0.contains("lists no requests") })
    }

    @Test("at 80 columns what is wrong with a server stands in its row")
    func problemInRow() {
        let state = DashboardState.showing(SampleFleet.inEveryState(), width: 80, height: 24)
        let row = state.text().first { $0.contains("gpu-4 ") }
        #expect(row?.contains("connect to 127.0.0.1") == true, "\(row ?? "no row")")
    }

    @Test("the column by which it is sorted stays in view, whatever the width", arguments: [60, 80, 120])
    func sortedColumn(width: Int) {
        var state = DashboardState.showing(SampleFleet.inEveryState(), width: width, height: 24)
        for column in AgentOrder.Column.allCases {
            state.order = AgentOrder(column)
            #expect(state.text().contains { $0.contains("▲") }, "\(column)")
        }
    }

    @Test("everything about an agent, its error and what to do about it")
    func details() throws {
        var state = DashboardState.showing(SampleFleet.inEveryState(), width: 60, height: 40)
        _ = state.handle(.key(.down), at: .seconds(1))
        _ = state.handle(.key(.enter), at: .seconds(1))
        try expect(state, "details")
    }

    @Test("the last state stays when the connection is lost, and what is done about it is said")
    func lost() throws {
        var state = DashboardState.showing(SampleFleet.document(agents: 3), width: 80, height: 24)
        _ = state.handle(.lost(reason: "connection refused", retryIn: .seconds(5)), at: .seconds(10))
        _ = state.handle(.tick, at: .seconds(12))
        try expect(state, "lost")
        #expect(DashboardScreen.lines(state, glyphs: .unicode)[9].spans.allSatisfy { $0.style.colour == .muted })
    }

    @Test("a balancer that is older shows what it has, and a locale without UTF-8 gets ASCII")
    func older() throws {
        var document = SampleFleet.document(agents: 3)
        document.fleet = nil
        for index in document.agents.indices { document.agents[index].tokensPerSecond = nil }
        var state = DashboardState(balancer: "10.0.0.1:8085", size: TerminalSize(width: 80, height: 24))
        _ = state.handle(.snapshot(document, wallTime: SampleFleet.time + 2), at: .seconds(1))
        try expect(state, "older", glyphs: .ascii)
    }

    @Test("whatever the size, there are as many lines as rows, and none is too wide")
    func everySize() {
        var document = SampleFleet.inEveryState()
        document.fleet?.models = SampleFleet.document(models: 9).fleet?.models ?? []
        for width in [1, 2, 3, 7, 13, 20, 27, 33, 40, 59, 79, 80, 101, 149, 150, 300] {
            for height in [1, 2, 3, 4, 5, 7, 9, 12, 16, 17, 60] {
                for pane in [
                    [], [Key.enter], [.character("?")], [.character("e")], [.character("w")],
                    [.character("/"), .character("x")],
                ] {
                    var state = DashboardState.showing(document, width: width, height: height)
                    for key in pane { _ = state.press(key) }
                    _ = state.handle(.requests(SampleFleet.requests), at: .seconds(1))
                    let lines = DashboardScreen.lines(state, glyphs: .unicode)
                    #expect(lines.count == height, "\(width)x\(height)")
                    #expect(lines.allSatisfy { $0.width <= width }, "\(width)x\(height)")
                }
            }
        }
    }
}
