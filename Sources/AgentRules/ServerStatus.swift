import AgentProtocol

/// What the agent knows of its llama-server at one moment.
struct ServerStatus: Equatable, Sendable {
    var condition: Condition
    var sample: Sample?
    var isSleeping = false
    var models: [String] = []
    var contextSize: Int?
    var build: String?

    struct Sample: Equatable, Sendable {
        /// Counts the samples, so that each is sent once over a connection.
        let number: Int
        let total: Int
        let processing: Int
        let startedAt: Duration
        let finishedAt: Duration
    }

    /// - Parameter includingSample: whether the sample hasn't been sent yet.
    func report(sentAt now: Duration, includingSample: Bool) -> StatusReport {
        StatusReport(
            sentAtMilliseconds: now.milliseconds,
            condition: condition,
            slots: includingSample ? sample.map(SlotSample.init) : nil,
            isSleeping: isSleeping,
            models: models,
            contextSize: contextSize,
            build: build
        ).fitted()
    }
}

extension SlotSample {
    fileprivate init(_ sample: ServerStatus.Sample) {
        self.init(
            total: sample.total,
            processing: sample.processing,
            startedAtMilliseconds: sample.startedAt.milliseconds,
            finishedAtMilliseconds: sample.finishedAt.milliseconds
        )
    }
}
