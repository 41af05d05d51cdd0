import AgentProtocol

@testable import Agent
@testable import AgentRules

/// Leads a watch through time, one answer after the other.
struct WatchDriver {
    var watch = {
        var intervals = WatchIntervals(health: .seconds(1), monitoring: .seconds(5))
        intervals.restsWhileIdle = true
        return LlamaServerWatch(intervals: intervals)
    }()
    var now = Duration.zero
    /// 2026-01-01T00:00:00Z, since 1970.
    static let start = Duration.seconds(1_767_225_600)

    static let health = Probe.Answer.reply(status: 200, body: Array(#"{"status":"ok"}"#.utf8))
    static let props = json(#"{"total_slots":4,"build_info":"b1","default_generation_settings":{"n_ctx":2048}}"#)
    static let sleepingProps = json(#"{"total_slots":4,"is_sleeping":true}"#)
    static let models = json(#"{"data":[{"id":"tiny"}]}"#)
    static let slots = slots(processing: 1)
    /// To whoever asks for work that the server wasn't started for.
    static let refusal = json(#"{"error":{"code":501,"message":"no","type":"not_supported_error"}}"#, status: 501)
    /// To whoever sends nothing.
    static let nothingGiven = json(#"{"error":{"code":400}}"#, status: 400)
    static let loading = json(
        #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
        status: 503
    )

    static func slots(processing: Int, of total: Int = 4) -> Probe.Answer {
        json("[" + (0..<total).map { #"{"is_processing":\#($0 < processing)}"# }.joined(separator: ",") + "]")
    }

    /// A slot that works.
    struct Work {
        let task: Int
        var prompt = 0
        var made = 0
    }

    /// Of four slots, the first ones work.
    static func slots(_ work: Work...) -> Probe.Answer {
        let busy = work.enumerated().map { id, work in
            #"{"id":\#(id),"is_processing":true,"id_task":\#(work.task),"n_prompt_tokens_processed":\#(work.prompt),"#
                + #""next_token":[{"n_decoded":\#(work.made)}]}"#
        }
        let idle = (work.count..<4).map { #"{"id":\#($0),"is_processing":false}"# }
        return json("[\((busy + idle).joined(separator: ","))]")
    }

    static func json(_ text: String, status: Int = 200) -> Probe.Answer {
        .reply(status: status, body: Array(text.utf8))
    }

    /// A watch that has seen a whole round, 3 ms after its beginning.
    static func ready(stuck: Duration? = .seconds(600)) -> WatchDriver {
        var driver = WatchDriver(watch: LlamaServerWatch(intervals: WatchIntervals(stuck: stuck)))
        _ = driver.start()
        driver.answer(.health, health)
        driver.answerRound()
        return driver
    }

    mutating func start() -> [Probe] {
        watch.startDue(at: now)
    }

    mutating func start(after wait: Duration) -> [Probe] {
        now += wait
        return watch.startDue(at: now)
    }

    /// - Returns: whether the status changed.
    @discardableResult
    mutating func answer(_ probe: Probe, _ answer: Probe.Answer, after wait: Duration = .milliseconds(1)) -> Bool {
        now += wait
        return watch.completed(probe, answer, at: now, sinceEpoch: Self.start + now)
    }

    /// Starts what is due, which must be a round, and answers all of it.
    mutating func answerRound(slots: Probe.Answer = Self.slots) {
        while let probe = start().first(where: { $0 != .health }) {
            switch probe {
            case .health: break
            case .props: answer(.props, Self.props)
            case .models: answer(.models, Self.models)
            case .slots: answer(.slots, slots)
            case .embeddings, .reranking: answer(probe, Self.refusal)
            }
        }
    }

    /// Lets time pass, with good health and good answers, until the slots are looked at.
    ///
    /// - Returns: whole seconds, rounded.
    mutating func pauseToNextLook(slots: Probe.Answer) -> Int {
        let start = now
        var probe = runToRound()
        while let asked = probe {
            guard asked != .slots else {
                answer(.slots, slots)
                break
            }
            switch asked {
            case .props: answer(.props, Self.props)
            case .embeddings, .reranking: answer(asked, Self.refusal)
            case .models, .slots, .health: answer(asked, Self.models)
            }
            probe = self.start().first { $0 != .health } ?? runToRound()
        }
        return Int(((now - start) / .seconds(1)).rounded())
    }

    /// When a round will begin, if nothing but good health comes between.
    func timeOfNextRound() -> Duration {
        var copy = self
        _ = copy.runToRound()
        return copy.now
    }

    /// Lets time pass, with good health, until something else is due.
    ///
    /// - Returns: what it is, started.
    mutating func runToRound() -> Probe? {
        for _ in 0..<1000 {
            let started = start()
            if let probe = started.first(where: { $0 != .health }) {
                if started.contains(.health) { answer(.health, Self.health, after: .zero) }
                return probe
            }
            if started.contains(.health) {
                answer(.health, Self.health, after: .zero)
                continue
            }
            guard let due = watch.nextDue else { return nil }
            now = max(now, due)
        }
        return nil
    }
}
