import AgentProtocol
import LlamaServer
import Testing

@Suite("Messages")
struct MessageTests {
    static let hello = Hello(
        agentVersion: "1.2.3",
        name: "rack 4 🦙",
        address: NetworkAddress(host: "::1", port: 8088),
        heartbeatIntervalMilliseconds: 2000
    )

    static let slots = SlotSample(
        total: 4,
        processing: 1,
        startedAtMilliseconds: 1000.25,
        finishedAtMilliseconds: 1001
    )

    static func report(_ condition: Condition) -> StatusReport {
        StatusReport(
            sentAtMilliseconds: 1234.5,
            condition: condition,
            slots: slots,
            isSleeping: true,
            models: ["a/b", "c"],
            contextSize: 8192,
            build: "b1"
        )
    }

    @Test(
        "an agent's message arrives as it was sent",
        arguments: [
            .hello(hello),
            .hello(
                Hello(
                    agentVersion: "1",
                    address: NetworkAddress(host: "a", port: 1),
                    heartbeatIntervalMilliseconds: 50
                )
            ),
            .others(leases: 0), .others(leases: 5), .promptSeed(PromptSeed(value: .max, madeAt: 1)),
            .prompt(.begins(trail)), .prompt(.isGone(name: 1)),
            .prompt(.ends(name: .max, generated: 0, wasMissed: false)),
            .hello(
                Hello(
                    agentVersion: "1",
                    address: NetworkAddress(host: "a", port: 1),
                    sharesLeases: true,
                    heartbeatIntervalMilliseconds: 50
                )
            ),
            .report(report(.ready)), .report(report(.loading)), .report(report(.down("refused"))),
            .report(report(.unresponsive)), .report(report(.stuck("no progress"))),
            .report(report(.unauthorized)), .report(report(.slotsDisabled)), .report(report(.failing("it ended"))),
            .report(report(.restarting("it ended"))), .report(report(.unloaded)),
            .report(
                StatusReport(
                    sentAtMilliseconds: 0,
                    condition: .unloaded,
                    onDemand: OnDemand(
                        memoryBytes: 1 << 30,
                        loadMilliseconds: 2500,
                        isPinned: true,
                        refusal: .init(number: 2, reason: "no room")
                    )
                )
            ),
            .report(report(.unexpected("a\nb"))), .report(StatusReport(sentAtMilliseconds: 0, condition: .ready)),
            .report(StatusReport(sentAtMilliseconds: 0, condition: .ready, isLeaving: true)), .goodbye, .heartbeat,
            .slots(SlotsReport(sentAtMilliseconds: 1234.5, slots: slots)),
            .log(LogAnswer(number: 3, lines: ["a\"b", "ü"], leftOut: 2, last: 9, hasMore: true)),
            .log(LogAnswer(number: 1, lines: [], last: 0)),
            .hello(
                Hello(
                    agentVersion: "1",
                    address: NetworkAddress(host: "a", port: 1),
                    usesTLS: true,
                    apiKey: "k",
                    pathPrefix: PathPrefix("/llm"),
                    weight: 3,
                    host: Host(id: "h", memoryBytes: 1 << 34, models: ["a", "b"]),
                    heartbeatIntervalMilliseconds: 50
                )
            ),
        ] as [AgentMessage]
    )
    func agentMessages(message: AgentMessage) throws {
        let line = try encodeLine(message)
        #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1)
        #expect(try AgentMessage.decode(line: line.dropLast()) == message)
    }

    @Test(
        "a balancer's message arrives as it was sent",
        arguments: [
            .welcome(balancerVersion: "1"), .welcome(balancerVersion: "1", asksBeforeUse: false), .poll, .drained,
            .notice(text: "twice"), .load(), .unload(), .load(isOrder: true), .unload(isOrder: true),
            .log(LogQuestion(number: 3)), .log(LogQuestion(number: 3, after: 7, lines: 20, waits: true)),
            .endLog(number: 3), .refused(reason: "no"), .leases(count: 0), .leases(count: 3),
            .promptSeed(PromptSeed(value: 0, madeAt: 1 << 41)), .prompt(.begins(trail)), .prompt(.isGone(name: 0)),
            .prompt(.ends(name: 1 << 63, generated: 12, wasMissed: true)),
        ] as [BalancerMessage]
    )
    func balancerMessages(message: BalancerMessage) throws {
        let line = try encodeLine(message)
        #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1)
        #expect(try BalancerMessage.decode(line: line) == message)
    }

    @Test("an agent without a path prefix says what an older balancer takes, and one with it what that refuses")
    func pathPrefixToOldBalancer() throws {
        var hello = Self.hello
        let line = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(!line.contains("path_prefix") && line.contains(#""protocol_version":1"#))
        hello = Hello(
            agentVersion: "1",
            address: hello.address,
            pathPrefix: PathPrefix("/llm"),
            heartbeatIntervalMilliseconds: 2000
        )
        // Without its prefix, each request would be answered 404.
        let prefixed = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(prefixed.contains(#""path_prefix":"/llm""#) && prefixed.contains(#""protocol_version":2"#))
        try hello.validated()
    }

    @Test("an older agent's hello has no path prefix")
    func pathPrefixOfOldAgent() throws {
        let line =
            #"{"type":"hello","agent_version":"0","address":"a:1","heartbeat_interval_ms":50,"protocol_version":1}"#
        guard case .hello(let hello) = try AgentMessage.decode(line: Array(line.utf8)) else {
            Issue.record("no hello")
            return
        }
        #expect(try hello.validated().pathPrefix == nil)
    }

    @Test("a weight is a word more in a hello that older balancers take, and one that says none has none")
    func weightToOldBalancer() throws {
        var hello = Self.hello
        #expect(!String(decoding: try encodeLine(.hello(hello)), as: UTF8.self).contains("weight"))
        hello.weight = 3
        let line = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(line.contains(#""weight":3"#) && line.contains(#""protocol_version":1"#))
    }

    @Test(
        "what an agent says of its log is a word more in a hello that older balancers take, and older agents say nothing of it"
    )
    func logToOldBalancer() throws {
        var hello = Self.hello
        #expect(!String(decoding: try encodeLine(.hello(hello)), as: UTF8.self).contains("tells_log"))
        hello.tellsLog = true
        let line = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(line.contains(#""tells_log":true"#) && line.contains(#""protocol_version":1"#))
        try hello.validated()
    }

    @Test("leases are told in words that older agents and balancers skip, and older agents say nothing of them")
    func leasesWireForm() throws {
        var hello = Self.hello
        #expect(!String(decoding: try encodeLine(.hello(hello)), as: UTF8.self).contains("shares_leases"))
        hello.sharesLeases = true
        let line = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(line.contains(#""shares_leases":true"#) && line.contains(#""protocol_version":1"#))
        try hello.validated()
        let leases = #"{"count":3,"type":"leases"}"#
        let others = #"{"leases":5,"type":"others"}"#
        #expect(String(decoding: try encodeLine(BalancerMessage.leases(count: 3)), as: UTF8.self) == leases + "\n")
        #expect(String(decoding: try encodeLine(AgentMessage.others(leases: 5)), as: UTF8.self) == others + "\n")
        // As who doesn't know a word sees it.
        #expect(try AgentMessage.decode(line: Array(leases.utf8)) == nil)
        #expect(try BalancerMessage.decode(line: Array(others.utf8)) == nil)
        #expect(!String(decoding: try encodeLine(.report(Self.report(.ready))), as: UTF8.self).contains("others"))
    }

    @Test(
        "an absurd number of leases is moved into range, and what is no number is refused",
        arguments: [-1, 65_537, .max]
    )
    func absurdLeases(count: Int) throws {
        let range = 0...65_536
        guard
            case .leases(let heard) = try BalancerMessage.decode(
                line: Array(#"{"type":"leases","count":\#(count)}"#.utf8)
            ),
            case .others(let others) = try AgentMessage.decode(
                line: Array(#"{"type":"others","leases":\#(count)}"#.utf8)
            )
        else {
            Issue.record("no leases")
            return
        }
        #expect(range ~= heard && range ~= others)
        #expect(throws: MessageError.self) { try BalancerMessage.decode(line: Array(#"{"type":"leases"}"#.utf8)) }
        #expect(throws: MessageError.self) {
            try AgentMessage.decode(line: Array(#"{"type":"others","leases":"5"}"#.utf8))
        }
    }

    static let trail = PromptTrail(hashes: [1, 0x1122_3344_5566_7788], bytes: 900)

    @Test("prompts are told in words that older agents and balancers skip, and older agents say nothing of them")
    func promptWireForm() throws {
        var hello = Self.hello
        #expect(!String(decoding: try encodeLine(.hello(hello)), as: UTF8.self).contains("shares_prompts"))
        hello.sharesPrompts = true
        let line = String(decoding: try encodeLine(.hello(hello)), as: UTF8.self)
        #expect(line.contains(#""shares_prompts":true"#) && line.contains(#""protocol_version":1"#))
        try hello.validated()
        let lines: [(PromptNews, String)] = [
            (.begins(Self.trail), #"{"begins":"AQAAAAAAAACId2ZVRDMiEQ==","bytes":900,"type":"prompt"}"#),
            (
                .ends(name: 1, generated: 40, wasMissed: true),
                #"{"ends":"AQAAAAAAAAA=","generated":40,"missed":true,"type":"prompt"}"#
            ),
            (
                .ends(name: 1, generated: 0, wasMissed: false),
                #"{"ends":"AQAAAAAAAAA=","generated":0,"type":"prompt"}"#
            ),
            (.isGone(name: 1), #"{"gone":"AQAAAAAAAAA=","type":"prompt"}"#),
        ]
        for (news, line) in lines {
            #expect(String(decoding: try encodeLine(AgentMessage.prompt(news)), as: UTF8.self) == line + "\n")
            #expect(String(decoding: try encodeLine(BalancerMessage.prompt(news)), as: UTF8.self) == line + "\n")
        }
        let seed = BalancerMessage.promptSeed(PromptSeed(value: 0xAB, madeAt: 1_700_000_000_000))
        let said = #"{"made_at_ms":1700000000000,"seed":"ab","type":"prompt_seed"}"#
        #expect(String(decoding: try encodeLine(seed), as: UTF8.self) == said + "\n")
    }

    @Test(
        "of a prompt what is too long is cut, what is absurd is moved into range, and what a newer version says is skipped"
    )
    func absurdPrompts() throws {
        let long = PromptTrail(hashes: (0..<500).map { UInt64($0) }, bytes: 1 << 30)
        let line = try encodeLine(BalancerMessage.prompt(.begins(long)))
        guard case .prompt(.begins(let heard)) = try BalancerMessage.decode(line: line) else {
            Issue.record("no prompt")
            return
        }
        #expect(heard.hashes == Array(long.hashes.prefix(PromptTrail.mostHashes)))
        let absurd = #"{"type":"prompt","begins":"AQAAAAAAAAA=","bytes":-5}"#
        #expect(
            try AgentMessage.decode(line: Array(absurd.utf8))
                == .prompt(.begins(PromptTrail(hashes: [1], bytes: PromptTrail.position(of: 0))))
        )
        let negative = #"{"type":"prompt","ends":"AQAAAAAAAAA=","generated":-5}"#
        #expect(
            try AgentMessage.decode(line: Array(negative.utf8))
                == .prompt(.ends(name: 1, generated: 0, wasMissed: false))
        )
        #expect(try AgentMessage.decode(line: Array(#"{"type":"prompt","pauses":"AQAAAAAAAAA="}"#.utf8)) == nil)
    }

    @Test(
        "what can't be hashes or a seed is refused",
        arguments: [
            #"{"type":"prompt","begins":"","bytes":5}"#, #"{"type":"prompt","begins":"AQAAAAAAAA==","bytes":5}"#,
            #"{"type":"prompt","ends":"*"}"#, #"{"type":"prompt","gone":7}"#,
            #"{"type":"prompt_seed","seed":"xyz","made_at_ms":1}"#, #"{"type":"prompt_seed","seed":"1"}"#,
        ]
    )
    func noPrompts(line: String) {
        #expect(throws: MessageError.self) { try BalancerMessage.decode(line: Array(line.utf8)) }
        #expect(throws: MessageError.self) { try AgentMessage.decode(line: Array(line.utf8)) }
    }

    @Test("the form of questions and answers about logs stays")
    func logWireForm() throws {
        let question = BalancerMessage.log(LogQuestion(number: 3, after: 7, lines: 20, waits: true))
        #expect(
            String(decoding: try encodeLine(question), as: UTF8.self)
                == #"{"after":7,"lines":20,"number":3,"type":"log","waits":true}"# + "\n"
        )
        #expect(
            String(decoding: try encodeLine(.endLog(number: 3)), as: UTF8.self)
                == #"{"number":3,"type":"log_end"}"# + "\n"
        )
        let answer = AgentMessage.log(LogAnswer(number: 3, lines: ["a"], leftOut: 2, last: 9, hasMore: true))
        #expect(
            String(decoding: try encodeLine(answer), as: UTF8.self)
                == #"{"has_more":true,"last":9,"left_out":2,"lines":["a"],"number":3,"type":"log"}"# + "\n"
        )
        #expect(
            try BalancerMessage.decode(line: Array(#"{"type":"log","number":1,"lines":1000000}"#.utf8))
                == .log(LogQuestion(number: 1, lines: 2000))
        )
    }

    @Test(
        "a full answer fits into a message, whatever its lines are made of",
        arguments: ["\"", "\\", "\u{FFFD}", "é"]
    )
    func largestAnswer(character: Character) throws {
        let line = String(repeating: character, count: LogAnswer.mostBytes / LogAnswer.mostLines / character.utf8.count)
        let answer = LogAnswer(number: .max, lines: Array(repeating: line, count: LogAnswer.mostLines), last: .max)
        #expect(try encodeLine(.log(answer)).count < AgentConnection.maximumLineBytes)
        try answer.validated()
        var absurd = answer
        absurd.leftOut = -1
        #expect(throws: ReportError.self) { try absurd.validated() }
    }

    @Test("a key never shows when a hello is printed")
    func keyIsHidden() {
        var hello = Self.hello
        hello.apiKey = "secret"
        var dumped = ""
        dump(hello, to: &dumped)
        #expect(!dumped.contains("secret") && !"\(AgentMessage.hello(hello))".contains("secret"))
    }

    @Test("the form of a report on the wire stays")
    func wireForm() throws {
        #expect(
            String(decoding: try encodeLine(.report(Self.report(.down("refused")))), as: UTF8.self)
                == #"{"build":"b1","condition":{"kind":"down","message":"refused"},"context_size":8192,"#
                + #""is_leaving":false,"is_sleeping":true,"models":["a/b","c"],"sent_at_ms":1234.5,"slots":{"finished_at_ms":1001,"#
                + #""processing":1,"started_at_ms":1000.25,"total":4},"type":"report"}"# + "\n"
        )
    }

    @Test("whoever knows no stuck servers reads why this one isn't used")
    func stuckWireForm() throws {
        let line = try encodeLine(.report(StatusReport(sentAtMilliseconds: 1, condition: .stuck("no progress"))))
        #expect(
            String(decoding: line, as: UTF8.self).contains(#""condition":{"kind":"stuck","message":"no progress"}"#)
        )
        // As a version before this condition reads any kind that it doesn't know.
        let older = String(decoding: line, as: UTF8.self).replacing(#""stuck""#, with: #""unheard-of""#)
        let expected = StatusReport(sentAtMilliseconds: 1, condition: .unexpected("unheard-of: no progress"))
        #expect(try AgentMessage.decode(line: Array(older.utf8.dropLast())) == .report(expected))
    }

    @Test("the form of news of the slots stays")
    func slotsWireForm() throws {
        let line = try encodeLine(.slots(SlotsReport(sentAtMilliseconds: 1234.5, slots: Self.slots)))
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"finished_at_ms":1001,"processing":1,"sent_at_ms":1234.5,"started_at_ms":1000.25,"total":4,"type":"slots"}"#
                + "\n"
        )
    }

    @Test("what samples and welcomes of earlier versions don't say isn't so")
    func earlier() throws {
        let sample =
            #"{"finished_at_ms":1001,"processing":1,"sent_at_ms":1234.5,"started_at_ms":1000.25,"total":4,"type":"slots"}"#
        guard case .slots(let report) = try AgentMessage.decode(line: Array(sample.utf8)) else {
            Issue.record("no sample")
            return
        }
        #expect(report.slots.hasMoved == nil && report.slots.isResting == nil)
        #expect(
            try BalancerMessage.decode(line: Array(#"{"type":"welcome","balancer_version":"1"}"#.utf8))
                == .welcome(balancerVersion: "1", asksBeforeUse: false)
        )
    }

    @Test("fields and messages of later versions are passed over")
    func later() throws {
        let report = #"{"type":"report","sent_at_ms":1,"condition":{"kind":"ready","colour":3},"new":{"a":[1]}}"#
        #expect(
            try AgentMessage.decode(line: Array(report.utf8))
                == .report(StatusReport(sentAtMilliseconds: 1, condition: .ready))
        )
        #expect(try AgentMessage.decode(line: Array(#"{"type":"song","verse":1}"#.utf8)) == nil)
        #expect(try BalancerMessage.decode(line: Array(#"{"type":"song"}"#.utf8)) == nil)
    }

    @Test("a condition of a later version isn't taken for ready")
    func laterCondition() throws {
        let report = #"{"type":"report","sent_at_ms":1,"condition":{"kind":"dreaming","message":"sheep"}}"#
        #expect(
            try AgentMessage.decode(line: Array(report.utf8))
                == .report(StatusReport(sentAtMilliseconds: 1, condition: .unexpected("dreaming: sheep")))
        )
    }

    @Test(
        "what is no message is refused with a reason",
        arguments: [
            ("{", "a message cannot be read: it is not JSON"),
            ("\u{0}\u{1}", "a message cannot be read: it is not JSON"),
            ("{}", "a message cannot be read: type is missing"),
            (#"{"type":3}"#, "a message cannot be read: type has another type"),
            (#"{"type":"report"}"#, "a message cannot be read: sent_at_ms is missing"),
            (
                #"{"type":"report","sent_at_ms":1,"condition":{}}"#,
                "a message cannot be read: condition.kind is missing"
            ),
        ]
    )
    func garbage(line: String, reason: String) {
        let error = #expect(throws: MessageError.self) { try AgentMessage.decode(line: Array(line.utf8)) }
        #expect(error?.description == reason)
    }

    @Test("an address that cannot be one is refused")
    func badAddress() {
        let line =
            #"{"type":"hello","agent_version":"1","address":"a b:1","heartbeat_interval_ms":1,"protocol_version":1}"#
        #expect(throws: MessageError.self) { try AgentMessage.decode(line: Array(line.utf8)) }
    }
}
