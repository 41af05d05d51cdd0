import LlamaServer
import Scheduling
import SeededRandom

/// What kind of schedule a seed stands for, so that each runs into other corners.
struct Profile {
    var configuration = Scheduler.Configuration()
    /// The most requests that there are at one time.
    var crowd = 0
    /// Whether there are other clients and clients that leave running requests behind. Without both, a sample must
    /// never be taken to show somebody else.
    var hasForeigners = false
    var totalsChange = false
    /// In percent, per event that could go wrong.
    var faults = 0
    /// How likely it is that a running request is broken off before its answer begins, in percent.
    var breaks = 0
    /// How likely a long pause is, in percent per step.
    var pauses = 0
    var shutsDown = false
    /// How many models the fleet serves.
    var models = 1
    /// Of servers that one request each may wait for.
    var mostPools: Int { models * (differs ? 9 : 1) }
    /// How many conversations there are; 0: nobody's prompt is worth anything.
    var conversations = 0

    /// Whether servers of one model differ in what they were started for, and in the sizes of their contexts.
    var differs = false
    /// In percent, how many requests name their server.
    var named = 0
    /// In percent, how many requests take several slots.
    var wide = 0

    /// Who shares the fleet; none: nobody is asked who it is.
    var tenants: [TenantTerms] = []
    /// How many classes there are.
    var classes = 1

    /// What requests may call models besides their own names.
    var rules = ModelRules()

    /// What a server serves goes by: with several models, some also by a second name, and some don't say.
    func modelNames(_ random: inout SplitMix64) -> [String] {
        if random.chance(10) { return [] }
        let model = "m\(random.below(models))"
        return random.chance(20) ? [model, "any"] : [model]
    }

    func role(_ random: inout SplitMix64) -> ServerRole? {
        differs ? random.pick([nil, .completions, .completions, .embeddings, .reranking]) : nil
    }

    func context(_ random: inout SplitMix64) -> Int? {
        differs ? random.pick([nil, 1024, 4096, 4096, 16_384]) : nil
    }

    /// As their agents say.
    func weight(_ random: inout SplitMix64) -> Int {
        differs ? random.pick([1, 1, 2, 5]) : 1
    }

    /// Conversations begin alike, and grow.
    func trail(_ random: inout SplitMix64) -> PromptTrail? {
        guard conversations > 0, !random.chance(20) else { return nil }
        let conversation = UInt64(random.below(conversations) + 1)
        let common = 2
        let hashes = (0..<random.below(12) + 1).map { block in
            UInt64(block + 1) &* 0x1234_5678_9ABC_DEF1 ^ (block < common ? 0 : conversation << 17)
        }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: hashes.count - 1) + random.below(200))
    }

    func demand(for model: String?, _ random: inout SplitMix64) -> RequestDemand {
        var demand = demandOfAnybody(for: model, &random)
        guard !tenants.isEmpty else { return demand }
        demand.terms = random.pick(tenants)
        demand.priority = UInt8(random.below(classes))
        return demand
    }

    private func demandOfAnybody(for model: String?, _ random: inout SplitMix64) -> RequestDemand {
        let slots = random.chance(wide) ? 2 + random.below(5) : 1
        guard differs else { return demand(for: model, slots, &random) }
        var demand = demand(for: model, slots, &random)
        demand.work = random.pick([.completions, .completions, .completions, .embeddings, .reranking])
        demand.size = PromptSize(
            text: random.pick([0, 1000, 5000, 20_000, 100_000]),
            generated: random.pick([0, 100, 4000]),
            hasMedia: true
        )
        return demand
    }

    private func demand(for model: String?, _ slots: Int, _ random: inout SplitMix64) -> RequestDemand {
        RequestDemand(
            model: model,
            trail: trail(&random),
            slots: slots,
            answers: random.chance(50) ? slots : 1
        )
    }

    init(_ random: inout SplitMix64) {
        configuration.maximumQueued = random.pick([0, 1, 3, 10, 30, 1000])
        configuration.queueTimeout = random.pick([.milliseconds(1), .milliseconds(500), .seconds(5), .seconds(60)])
        configuration.maximumAttempts = random.pick([1, 2, 3, 5])
        configuration.coolingLimit = random.pick([.seconds(1), .seconds(30)])
        configuration.maximumUpstreams = random.pick([2, 8, 100])
        configuration.balance = random.pick(Balance.allCases)
        // Agents come and go much faster here than anywhere.
        configuration.maximumChangesPerMinute = .max
        crowd = random.pick([2, 8, 20, 50])
        hasForeigners = random.chance(70)
        totalsChange = random.chance(25)
        faults = random.pick([0, 1, 5, 20])
        breaks = random.pick([0, 2, 30])
        pauses = random.pick([0, 1, 5])
        shutsDown = random.chance(15)
        models = random.pick([1, 1, 2, 3])
        conversations = random.pick([0, 1, 3, 20])
        wide = random.pick([0, 0, 5, 40])
        named = random.pick([0, 0, 5, 20])
        configuration.strictModels = random.chance(50)
        configuration.defaultModel = random.chance(30) ? "m0" : nil
        rules = rules(&random)
        tenants = tenants(&random)
        classes = tenants.isEmpty ? 1 : random.pick([1, 2, 3])
        configuration.classPatience = random.pick([.seconds(1), .seconds(30)])
        differs = random.chance(30) && rules.aliases.isEmpty && rules.maximumQueued.isEmpty
    }

    private func tenants(_ random: inout SplitMix64) -> [TenantTerms] {
        guard random.chance(40) else { return [] }
        return (0..<random.pick([1, 2, 3, 8])).map { number in
            TenantTerms(
                tenant: TenantID(number: UInt32(number)),
                weight: random.pick([1, 1, 2, 4]),
                maximumRunning: random.pick([nil, nil, 1, 2, 5]),
                maximumWaiting: random.pick([nil, nil, nil, 0, 2])
            )
        }
    }

    private func rules(_ random: inout SplitMix64) -> ModelRules {
        var rules = ModelRules()
        guard models > 1, random.chance(60) else { return rules }
        rules.aliases["x0"] = ["m0", "m1"]
        rules.aliases["x1"] = random.pick([["unheard-of", "m1", "m0"], ["m1"], ["unheard-of"]])
        if random.chance(30) { rules.aliases["any"] = (0..<models).map { "m\($0)" }.reversed() }
        rules.fallbackAfter = random.pick([nil, .milliseconds(300), .seconds(3)])
        if random.chance(30) { rules.maximumQueued = ["m0": random.pick([0, 1, 3]), "any": 1] }
        if rules.aliases["any"] != nil { rules.maximumQueued["any"] = nil }
        return rules
    }
}
