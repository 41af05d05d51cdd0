import AgentProtocol
import Testing

@Suite("Accelerators in reports")
struct AcceleratorTests {
    private static let one = Accelerator(
        id: "GPU-1",
        host: "rack4",
        name: "RTX 3090",
        memoryUsedBytes: 1 << 30,
        memoryTotalBytes: 24 << 30,
        utilization: 0.5,
        celsius: 64.5
    )

    private func report(_ accelerators: [Accelerator]?) -> StatusReport {
        StatusReport(sentAtMilliseconds: 1, condition: .ready, accelerators: accelerators)
    }

    private func line(_ report: StatusReport) throws -> String {
        String(decoding: try encodeLine(.report(report)), as: UTF8.self)
    }

    private func read(_ line: String) throws -> StatusReport? {
        guard case .report(let report) = try AgentMessage.decode(line: Array(line.utf8)) else { return nil }
        return report
    }

    @Test("arrive as they were sent; older balancers read the rest of the report, which is as it was")
    func wire() throws {
        let text = try line(report([Self.one]))
        let field =
            #""accelerators":[{"celsius":64.5,"host":"rack4","id":"GPU-1","memory_total_bytes":25769803776,"#
            + #""memory_used_bytes":1073741824,"name":"RTX 3090","utilization":0.5}],"#
        #expect(text.contains(field))
        #expect(try read(text.replacing("\n", with: "")) == report([Self.one]))
        #expect(text.replacing(field, with: "") == (try line(report(nil))))
    }

    @Test("older agents say nothing of them")
    func older() throws {
        let text = #"{"condition":{"kind":"ready"},"sent_at_ms":1,"type":"report"}"#
        #expect(try read(text) == report(nil))
    }

    @Test(
        "what a later agent may say of its machine makes no server less usable",
        arguments: [
            #"[{"id":7}]"#, #"{"devices":[]}"#, "null", #""none""#, #"[{"id":"a","host":"b","name":"c","unit":{}}]"#,
        ]
    )
    func later(words: String) throws {
        let text = #"{"accelerators":\#(words),"condition":{"kind":"ready"},"sent_at_ms":1,"type":"report"}"#
        let report = try #require(try read(text))
        #expect(report.condition == .ready)
        #expect(report.accelerators?.map(\.id) == (words.contains("unit") ? ["a"] : nil))
        _ = try report.validated()
    }

    @Test("absurd ones aren't believed, and an agent doesn't say them")
    func absurd() throws {
        var absurd = Self.one
        absurd.name = String(repeating: "\u{1}x", count: 500)
        absurd.memoryUsedBytes = -1
        absurd.memoryTotalBytes = .max
        absurd.utilization = .nan
        absurd.celsius = .infinity
        for change in [
            { $0.name = absurd.name }, { $0.memoryUsedBytes = -1 }, { $0.memoryTotalBytes = .max },
            { $0.utilization = .nan }, { $0.utilization = 7 }, { $0.celsius = 1e9 }, { $0.id = "" },
        ] as [(inout Accelerator) -> Void] {
            var one = Self.one
            change(&one)
            #expect(throws: ReportError.self) { try report([one]).validated() }
        }
        #expect(throws: ReportError.self) {
            try report(Array(repeating: Self.one, count: Accelerator.most + 1)).validated()
        }
        let said = report(Array(repeating: absurd, count: 500)).fitted()
        _ = try said.validated()
        #expect(said.accelerators?.isEmpty == false)
        #expect(try !line(said).isEmpty)
    }

    @Test("as many as there may be fit into a line")
    func fits() throws {
        var one = Self.one
        one.id = String(repeating: "\"", count: 64)
        one.host = one.id
        one.name = one.id
        let most = report(Array(repeating: one, count: 64)).fitted()
        #expect(try line(most).utf8.count < AgentConnection.maximumLineBytes / 2)
        #expect(report(Array(repeating: Self.one, count: 64)).fitted().accelerators?.count == 64)
    }
}
