package import AgentProtocol
package import LlamaServer

/// What the agent knows of its llama-server at one moment.
package struct ServerStatus: Equatable, Sendable {
    package var condition: Condition
    package var sample: Sample?
    package var isSleeping = false
    package var models: [String] = []
    /// What it was started for; nil: that isn't known.
    package var role: ServerRole?
    package var contextSize: Int?
    package var build: String?
    /// nil: nobody loads and unloads it.
    package var onDemand: OnDemand?
    /// Of the machine; nil: nothing is known of any.
    package var accelerators: [Accelerator]?

    package init(
        condition: Condition,
        sample: Sample? = nil,
        isSleeping: Bool = false,
        models: [String] = [],
        role: ServerRole? = nil,
        contextSize: Int? = nil,
        build: String? = nil,
        onDemand: OnDemand? = nil
    ) {
        self.condition = condition
        self.sample = sample
        self.isSleeping = isSleeping
        self.models = models
        self.role = role
        self.contextSize = contextSize
        self.build = build
        self.onDemand = onDemand
    }

    package struct Sample: Equatable, Sendable {
        /// Counts the samples, so that each is sent once over a connection.
        package let number: Int
        package let total: Int
        package let processing: Int
        package let startedAt: Duration
        package let finishedAt: Duration
        /// Whether something has moved in the slots that work since the look before; nil: that isn't known.
        package let hasMoved: Bool?
        /// Whether the next look, unless somebody asks for one, is later than usual.
        package let isResting: Bool
        /// The most leases that other balancers had meanwhile; nil: there is nobody who tells. Differs from balancer to balancer.
        package var others: Int?

        package init(
            number: Int,
            total: Int,
            processing: Int,
            startedAt: Duration,
            finishedAt: Duration,
            hasMoved: Bool? = nil,
            isResting: Bool = false
        ) {
            self.number = number
            self.total = total
            self.processing = processing
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.hasMoved = hasMoved
            self.isResting = isResting
        }
    }

    /// - Parameter includingSample: whether the sample hasn't been sent yet.
    package func report(sentAt now: Duration, includingSample: Bool) -> StatusReport {
        StatusReport(
            sentAtMilliseconds: now.milliseconds,
            condition: condition,
            slots: includingSample ? sample.map(SlotSample.init) : nil,
            isSleeping: isSleeping,
            models: models,
            role: role,
            contextSize: contextSize,
            build: build,
            onDemand: onDemand,
            accelerators: accelerators
        ).fitted()
    }
}

extension SlotSample {
    fileprivate init(_ sample: ServerStatus.Sample) {
        self.init(
            total: sample.total,
            processing: sample.processing,
            startedAtMilliseconds: sample.startedAt.milliseconds,
            finishedAtMilliseconds: sample.finishedAt.milliseconds,
            hasMoved: sample.hasMoved,
            isResting: sample.isResting ? true : nil,
            others: sample.others
        )
    }
}
