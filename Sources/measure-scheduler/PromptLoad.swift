import LlamaServer
import Scheduling

/// Conversations of 100 kB in a fleet of 1,000 upstreams, whose next turns are read and find their server.
struct PromptLoad {
    private static let upstreams = 1000
    private static let conversations = 10_000

    private var scheduler: Scheduler
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var lastRequest: UInt64 = 0
    private let body: [UInt8]
    private let code: [UInt8]
    private let trails: [PromptTrail]

    init() {
        var configuration = Scheduler.Configuration()
        configuration.balance = .cacheAware
        scheduler = Scheduler(configuration: configuration)
        for number in 0..<Self.upstreams {
            let sample = SlotSample(total: 8, processing: 0, taken: now...now)
            let route = UpstreamRoute(address: NetworkAddress(host: "gpu-\(number).example", port: 8088))
            let report = UpstreamReport(
                agent: AgentID(rawValue: "agent-\(number)"),
                route: route,
                condition: .ready,
                slots: sample,
                maximumSilence: .seconds(100_000)
            )
            _ = scheduler.reported(report, at: now)
        }
        body = Self.chat(#"What is said here is prose, in which now and then somebody is \"quoted\", and lines end.\n"#)
        code = Self.chat(#"    print(\"%s\", names[\"of\"])\n"#)
        let blocks = Self.trail(of: body)?.hashes.count ?? 0
        let bytes = body.count
        trails = (0..<Self.conversations).map { conversation in
            let hashes = (0..<blocks).map {
                UInt64($0 * Self.conversations + conversation + 1) &* 0x9E37_79B9_7F4A_7C15
            }
            return PromptTrail(hashes: hashes, bytes: bytes)
        }
        for turn in 0..<Self.conversations { nextTurn(turn) }
    }

    private static func chat(_ line: String) -> [UInt8] {
        let text = String(repeating: line, count: 1000 / line.utf8.count)
        let messages = (0..<100).map {
            #"{"role":"\#($0.isMultiple(of: 2) ? "user" : "assistant")","content":"\#(text)"}"#
        }
        return Array(#"{"model":"m","messages":[\#(messages.joined(separator: ","))],"stream":true}"#.utf8)
    }

    var bodyBytes: Int { body.count }
    var blocks: Int { trails[0].hashes.count }

    func read(_ count: Int) {
        for _ in 0..<count where Self.trail(of: body) == nil { preconditionFailure("no trail") }
    }

    func readCode(_ count: Int) {
        for _ in 0..<count where Self.trail(of: code) == nil { preconditionFailure("no trail") }
    }

    mutating func takeTurns(_ count: Int) {
        for turn in 0..<count { nextTurn(Int(UInt64(turn) &* 2_654_435_761 % UInt64(Self.conversations))) }
    }

    private mutating func nextTurn(_ conversation: Int) {
        lastRequest += 1
        now = Instant(nanoseconds: now.nanoseconds + 10_000)
        let demand = RequestDemand(model: "m", trail: trails[conversation])
        guard case .dispatch(let lease) = scheduler.submit(RequestID(rawValue: lastRequest), for: demand, at: now)
        else {
            preconditionFailure("no idle slot")
        }
        _ = scheduler.finished(lease, .answered, at: now)
    }

    private static func trail(of body: [UInt8]) -> PromptTrail? {
        var scan = RequestBodyScan()
        scan.read(body.span)
        return PromptTrail(body.span, scan, kind: .chat, seed: 1)
    }
}
