import AgentProtocol
import LlamaServer
import SeededRandom
import Testing

@testable import Agent
@testable import AgentRules

@Suite("Watching a llama-server")
struct LlamaServerWatchTests {
    @Test("the health is asked for first, then props, models, role and slots, and nothing is known before")
    func beginning() {
        var driver = WatchDriver()
        #expect(driver.start() == [.health])
        #expect(driver.start() == [])
        #expect(driver.answer(.health, WatchDriver.health) == false)
        #expect(driver.start() == [.props])
        #expect(driver.answer(.props, WatchDriver.props) == false)
        #expect(driver.start() == [.models])
        #expect(driver.answer(.models, WatchDriver.models) == false)
        #expect(driver.start() == [.embeddings])
        #expect(driver.answer(.embeddings, WatchDriver.refusal) == false)
        #expect(driver.start() == [.slots])
        #expect(driver.watch.status == nil)
        #expect(driver.answer(.slots, WatchDriver.slots) == true)
        #expect(
            driver.watch.status
                == ServerStatus(
                    condition: .ready,
                    sample: ServerStatus.Sample(
                        number: 1,
                        total: 4,
                        processing: 1,
                        startedAt: .milliseconds(4),
                        finishedAt: .milliseconds(5)
                    ),
                    models: ["tiny"],
                    role: .completions,
                    contextSize: 2048,
                    build: "b1"
                )
        )
        #expect(driver.watch.nextDue == .seconds(1))
    }

    @Test("a server that is awaited is asked for its health sooner")
    func awaited() {
        var driver = WatchDriver()
        #expect(driver.start() == [.health])
        _ = driver.answer(.health, .absent(.loading))
        #expect(driver.watch.nextDue == .seconds(1))
        driver.watch.askHealth(by: .milliseconds(200))
        #expect(driver.watch.nextDue == .milliseconds(200))
        driver.watch.askHealth(by: .milliseconds(300))
        #expect(driver.watch.nextDue == .milliseconds(200))
    }

    @Test(
        "an answer about the health is a condition",
        arguments: [
            (.absent(.failing("it ended with exit code 1")), .failing("it ended with exit code 1")),
            (.absent(.loading), .loading),
            (WatchDriver.loading, Condition.loading),
            (WatchDriver.json(#"{"status":"loading model"}"#, status: 503), .loading),
            (.timedOut, .unresponsive),
            (.failed("connection refused"), .down("connection refused")),
            (WatchDriver.json("", status: 401), .unauthorized),
            (
                WatchDriver.json("<html>", status: 404),
                .unexpected(
                    "GET /health answered 404; pass its --api-prefix to the agent as --llamacpp-api-prefix"
                )
            ),
            (
                WatchDriver.json(#"{"error":{"message":"out of order"}}"#, status: 503),
                .unexpected("GET /health answered 503: out of order")
            ),
        ]
    )
    func badHealth(answer: Probe.Answer, condition: Condition) {
        var driver = WatchDriver.ready()
        #expect(driver.start(after: .seconds(1)) == [.health])
        #expect(driver.answer(.health, answer) == true)
        #expect(driver.watch.status?.condition == condition)
    }

    @Test("bad health is known before anything else is")
    func badFromTheStart() {
        var driver = WatchDriver()
        _ = driver.start()
        #expect(driver.answer(.health, .failed("connection refused")) == true)
        #expect(driver.watch.status?.condition == .down("connection refused"))
        #expect(driver.start() == [])
    }

    @Test(
        "an answer about the slots is a condition",
        arguments: [
            (WatchDriver.json("", status: 401), Condition.unauthorized),
            (WatchDriver.json("{}", status: 501), .slotsDisabled),
            (
                WatchDriver.json(#"{"error":{"message":"model name is missing from the request"}}"#, status: 400),
                .router
            ),
            (WatchDriver.loading, .loading),
            (
                WatchDriver.json(#"{"error":{"message":"File Not Found"}}"#, status: 404),
                .unexpected("GET /slots answered 404: File Not Found")
            ),
            (
                WatchDriver.json("<html>"),
                .unexpected("GET /slots answered slots that cannot be read: it is not JSON")
            ),
        ]
    )
    func badSlots(answer: Probe.Answer, condition: Condition) {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        driver.answerRound(slots: answer)
        #expect(driver.watch.status?.condition == condition)
        #expect(driver.watch.status?.sample == nil)
    }

    @Test(
        "props that end a round",
        arguments: [
            (WatchDriver.json(#"{"role":"router","total_slots":0}"#), .router),
            (WatchDriver.json("", status: 401), Condition.unauthorized), (WatchDriver.loading, .loading),
        ]
    )
    func refusedProps(answer: Probe.Answer, condition: Condition) {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        _ = driver.start()
        #expect(driver.answer(.props, answer) == true)
        #expect(driver.watch.status?.condition == condition)
        #expect(driver.start() == [])
    }

    @Test(
        "without props and models the slots decide",
        arguments: [
            WatchDriver.json("{}", status: 404), WatchDriver.json("<html>"), WatchDriver.json("[]"), .timedOut,
        ]
    )
    func withoutProps(answer: Probe.Answer) {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        _ = driver.start()
        driver.answer(.props, answer)
        #expect(driver.start() == [.models])
        driver.answer(.models, answer)
        #expect(driver.start() == [.embeddings])
        driver.answer(.embeddings, answer)
        #expect(driver.start() == [.slots])
        driver.answer(.slots, WatchDriver.slots)
        #expect(driver.watch.status?.condition == .ready)
    }

    @Test("without a reason the slots are looked at once in a monitoring interval")
    func monitoring() {
        var driver = WatchDriver.ready()
        let began = Duration.milliseconds(1)
        #expect(driver.runToRound() == .props)
        #expect(driver.now == began + .seconds(5))
    }

    @Test("a server in which nothing runs is looked at less and less often, so that it may fall asleep")
    func resting() {
        var driver = WatchDriver.ready()
        let pauses = (0..<9).map { _ in driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) }
        #expect(pauses == [5, 5, 10, 20, 40, 80, 160, 320, 640])
    }

    @Test("a server that rests is looked at often again when one is asked to, and while something runs in it")
    func noLongerResting() {
        var driver = WatchDriver.ready()
        for _ in 0..<9 { _ = driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) }
        driver.now += .seconds(30)
        driver.watch.demandPoll()
        #expect(driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) == 0)
        #expect(driver.pauseToNextLook(slots: WatchDriver.slots) == 5)
        for _ in 0..<5 { #expect(driver.pauseToNextLook(slots: WatchDriver.slots) == 5) }
    }

    @Test("samples say whether the next look is later than usual, so that balancers ask for one before")
    func saysThatItRests() {
        var driver = WatchDriver.ready()
        var said: [Bool?] = []
        for _ in 0..<4 {
            _ = driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0))
            said.append(driver.watch.status?.sample?.isResting)
        }
        #expect(said == [false, true, true, true])
        driver.watch.demandPoll()
        _ = driver.pauseToNextLook(slots: WatchDriver.slots)
        #expect(driver.watch.status?.sample?.isResting == false)
    }

    @Test("with a balancer that doesn't ask for looks, one that rests is looked at regularly again")
    func wokenByAnOldBalancer() {
        var driver = WatchDriver.ready()
        for _ in 0..<6 { _ = driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) }
        driver.watch.neverRest()
        #expect(driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) <= 5)
        for _ in 0..<3 { #expect(driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) == 5) }
        #expect(driver.watch.status?.sample?.isResting == false)
    }

    @Test("a server that has been seen asleep is looked at when it has woken")
    func woken() {
        var driver = WatchDriver.ready()
        for _ in 0..<5 { _ = driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) }
        #expect(driver.runToRound() == .props)
        driver.answer(.props, WatchDriver.sleepingProps)
        #expect(driver.runToRound() == .props)
        let awake = driver.now
        driver.answer(.props, WatchDriver.props)
        #expect(driver.pauseToNextLook(slots: WatchDriver.slots) == 0)
        #expect(driver.now - awake < .seconds(1))
    }

    @Test("balancers that can't ask for a look have them made for them without a rest")
    func restless() {
        var intervals = WatchIntervals()
        intervals.restsWhileIdle = false
        var driver = WatchDriver(watch: LlamaServerWatch(intervals: intervals))
        for _ in 0..<5 { _ = driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) }
        #expect(driver.pauseToNextLook(slots: WatchDriver.slots(processing: 0)) == 5)
    }

    @Test("a sample is news even when it shows the same")
    func sameSample() {
        var driver = WatchDriver.ready()
        _ = driver.runToRound()
        driver.answer(.props, WatchDriver.props)
        _ = driver.start()
        driver.answer(.models, WatchDriver.models)
        _ = driver.start()
        #expect(driver.answer(.slots, WatchDriver.slots) == true)
    }

    @Test("good health that was good is no news")
    func sameHealth() {
        var driver = WatchDriver.ready()
        _ = driver.start(after: .seconds(1))
        #expect(driver.answer(.health, WatchDriver.health) == false)
    }

    @Test("a demanded look comes at once, without asking for the models")
    func demanded() {
        var driver = WatchDriver.ready()
        driver.now += .seconds(2)
        driver.watch.demandPoll()
        #expect(driver.start() == [.health, .props])
        driver.answer(.props, WatchDriver.props)
        #expect(driver.start() == [.slots])
    }

    @Test("demands make no more than one look, a good second after the last one ended")
    func coalesced() {
        var driver = WatchDriver.ready()
        let ended = driver.now
        for _ in 0..<5 {
            driver.now += .milliseconds(10)
            driver.watch.demandPoll()
        }
        #expect(driver.runToRound() == .props)
        #expect(driver.now == ended + .milliseconds(1250))
        driver.watch.demandPoll()
        driver.answer(.props, WatchDriver.props)
        driver.answerRound()
        // The demand came before the slots were looked at, and so is met.
        #expect(driver.runToRound() == .props)
        #expect(driver.now == ended + .milliseconds(6250))
    }

    @Test("a demand that comes while the slots are being looked at leads to another look")
    func demandedTooLate() {
        var driver = WatchDriver.ready()
        driver.now += .seconds(2)
        driver.watch.demandPoll()
        _ = driver.start()
        driver.answer(.props, WatchDriver.props)
        #expect(driver.start() == [.slots])
        driver.watch.demandPoll()
        driver.answer(.slots, WatchDriver.slots)
        let ended = driver.now
        driver.answer(.health, WatchDriver.health)
        #expect(driver.runToRound() == .props)
        #expect(driver.now == ended + .milliseconds(1250))
    }

    @Test("slots that come late are busy, not dead")
    func lateSlots() {
        var driver = WatchDriver.ready()
        let sample = driver.watch.status?.sample
        _ = driver.runToRound()
        driver.answer(.props, WatchDriver.props)
        driver.answerRound(slots: .timedOut)
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.watch.status?.sample == sample)
    }

    @Test("slots that were never seen count as occupied while they are late")
    func neverSeenSlots() {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        driver.answerRound(slots: .timedOut)
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.watch.status?.sample?.total == 4)
        #expect(driver.watch.status?.sample?.processing == 4)
    }

    @Test("a slow server is back with its next good answer, and looked at again")
    func unresponsive() {
        var driver = WatchDriver.ready()
        let sample = driver.watch.status?.sample
        #expect(driver.start(after: .seconds(1)) == [.health])
        #expect(driver.answer(.health, .timedOut, after: .seconds(1)) == true)
        #expect(driver.watch.status?.condition == .unresponsive)
        #expect(driver.start() == [.health])
        #expect(driver.answer(.health, WatchDriver.health) == true)
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.watch.status?.sample == sample)
        #expect(driver.start() == [.props])
    }

    @Test("a server that was away isn't ready before its slots and models have been asked for again")
    func restarted() {
        var driver = WatchDriver.ready()
        _ = driver.start(after: .seconds(1))
        driver.answer(.health, .failed("connection refused"))
        #expect(driver.watch.status?.sample == nil)
        _ = driver.start(after: .seconds(1))
        #expect(driver.answer(.health, WatchDriver.health) == false)
        #expect(driver.watch.status?.condition == .down("connection refused"))
        #expect(driver.start() == [.props])
        driver.answer(.props, WatchDriver.props)
        #expect(driver.start() == [.models])
        driver.answer(.models, WatchDriver.models)
        #expect(driver.start() == [.embeddings])
        driver.answer(.embeddings, WatchDriver.refusal)
        _ = driver.start()
        #expect(driver.answer(.slots, WatchDriver.slots(processing: 0, of: 8)) == true)
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.watch.status?.sample?.total == 8)
    }

    @Test("what a server answers after it went away says nothing of the next one")
    func outdated() {
        var driver = WatchDriver.ready()
        _ = driver.runToRound()
        _ = driver.start(after: .seconds(1))
        driver.answer(.health, .failed("connection refused"))
        _ = driver.start(after: .seconds(1))
        driver.answer(.health, WatchDriver.health)
        #expect(driver.answer(.props, WatchDriver.sleepingProps) == false)
        #expect(driver.watch.status?.sample == nil)
        #expect(driver.start() == [.props])
    }

    @Test(
        "what a server was started for is asked once, with nothing to do",
        arguments: [
            ([WatchDriver.refusal], ServerRole?.some(.completions)),
            ([WatchDriver.nothingGiven, WatchDriver.refusal], .embeddings),
            ([WatchDriver.nothingGiven, WatchDriver.nothingGiven], .reranking),
            ([WatchDriver.json("{}", status: 404)], nil),
            ([WatchDriver.json("{}")], nil),
        ]
    )
    func role(answers: [Probe.Answer], role: ServerRole?) {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        _ = driver.start()
        driver.answer(.props, WatchDriver.props)
        _ = driver.start()
        driver.answer(.models, WatchDriver.models)
        for (probe, answer) in zip([Probe.embeddings, .reranking], answers) {
            #expect(driver.start() == [probe])
            driver.answer(probe, answer)
        }
        #expect(driver.start() == [.slots])
        driver.answer(.slots, WatchDriver.slots)
        #expect(driver.watch.status?.role == role)
        var asked: Set<Probe> = []
        for _ in 0..<5 {
            while let probe = driver.runToRound(), probe != .slots {
                asked.insert(probe)
                driver.answer(probe, probe == .props ? WatchDriver.props : WatchDriver.models)
            }
            driver.answer(.slots, WatchDriver.slots)
        }
        #expect(asked.isSubset(of: [.props, .models]))
    }

    @Test("a server that is still loading is asked again what it was started for")
    func roleOfALoadingServer() {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        for (probe, answer) in [(Probe.props, WatchDriver.props), (.models, WatchDriver.models)] {
            #expect(driver.start() == [probe])
            driver.answer(probe, answer)
        }
        #expect(driver.start() == [.embeddings])
        driver.answer(.embeddings, WatchDriver.loading)
        #expect(driver.start() == [.slots])
        driver.answer(.slots, WatchDriver.slots)
        #expect(driver.watch.status?.role == nil)
        driver.watch.demandPoll()
        #expect(driver.runToRound() == .props)
        driver.answer(.props, WatchDriver.props)
        driver.answerRound()
        #expect(driver.watch.status?.role == .completions)
    }

    @Test("a sleeping server isn't woken by looking at its slots")
    func sleeping() {
        var driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        _ = driver.start()
        #expect(driver.answer(.props, WatchDriver.sleepingProps) == true)
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.watch.status?.isSleeping == true)
        #expect(driver.watch.status?.sample?.total == 4)
        #expect(driver.watch.status?.sample?.processing == 0)
        #expect(driver.start() == [])
        #expect(driver.runToRound() == .props)
    }

    @Test("a connection that breaks has the health asked for at once, and only its repetition is a finding")
    func broken() {
        var driver = WatchDriver.ready()
        _ = driver.runToRound()
        driver.answer(.props, .failed("connection reset"))
        #expect(driver.watch.status?.condition == .ready)
        #expect(driver.start() == [.health])
        driver.answer(.health, WatchDriver.health)
        #expect(driver.runToRound() == .props)
        #expect(driver.answer(.props, .failed("connection reset")) == true)
        #expect(driver.watch.status?.condition == .unexpected("GET /props: connection reset"))
        #expect(driver.runToRound() == .props)
        driver.answer(.props, WatchDriver.props)
        driver.answerRound()
        #expect(driver.watch.status?.condition == .ready)
    }

    @Test("whatever happens, one question per lane is open, and peace lies between two looks", arguments: 0..<50)
    func anyOrder(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var driver = WatchDriver()
        var open: [Probe] = []
        var lastLookEnded: Duration?
        var serverIsSame = true
        let answers: [Probe.Answer] = [
            WatchDriver.health, WatchDriver.props, WatchDriver.models, WatchDriver.slots, WatchDriver.sleepingProps,
            WatchDriver.loading, .timedOut, .failed("x"), WatchDriver.json("{}", status: 501),
        ]
        for _ in 0..<500 {
            if Int.random(in: 0..<10, using: &generator) == 0 { driver.watch.demandPoll() }
            for probe in driver.start() {
                if probe == .slots, serverIsSame, let lastLookEnded {
                    #expect(driver.now - lastLookEnded >= .milliseconds(1250))
                }
                if probe == .slots { serverIsSame = true }
                open.append(probe)
            }
            #expect(open.count { $0 == .health } <= 1)
            #expect(open.count { $0 != .health } <= 1)
            if let due = driver.watch.nextDue { #expect(due > driver.now || !open.isEmpty) }
            driver.now += .milliseconds(Int.random(in: 0..<400, using: &generator))
            guard let index = open.indices.randomElement(using: &generator) else { continue }
            guard Bool.random(using: &generator), let answer = answers.randomElement(using: &generator) else {
                continue
            }
            let probe = open.remove(at: index)
            driver.answer(probe, answer, after: .zero)
            if probe == .slots { lastLookEnded = driver.now }
            if probe == .health, answer != WatchDriver.health, answer != .timedOut { serverIsSame = false }
        }
    }
}
