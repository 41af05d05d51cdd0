import AgentProtocol
import LlamaServer
import Scheduling

/// Messages as a well-behaved agent sends them.
enum Messages {
    static let address = NetworkAddress(host: "127.0.0.1", port: 8088)

    static func hello(
        name: String? = "gpu-1",
        address: NetworkAddress = address,
        apiKey: String? = nil,
        sharesLeases: Bool? = nil,
        sharesPrompts: Bool? = nil,
        heartbeatMilliseconds: Int = 2000,
        version: Int = AgentConnection.protocolVersions.lowerBound
    ) -> AgentMessage {
        .hello(
            Hello(
                agentVersion: "1",
                name: name,
                address: address,
                apiKey: apiKey,
                sharesLeases: sharesLeases,
                sharesPrompts: sharesPrompts,
                heartbeatIntervalMilliseconds: heartbeatMilliseconds,
                protocolVersion: version
            )
        )
    }

    static func report(
        processing: Int = 1,
        total: Int = 4,
        condition: AgentProtocol.Condition = .ready,
        sentAt milliseconds: Double = 100
    ) -> AgentMessage {
        .report(
            StatusReport(
                sentAtMilliseconds: milliseconds,
                condition: condition,
                slots: sample(processing: processing, total: total, sentAt: milliseconds),
                models: ["m"],
                contextSize: 4096,
                build: "b1"
            )
        )
    }

    static func slots(
        processing: Int,
        total: Int = 4,
        others: Int? = nil,
        sentAt milliseconds: Double
    ) -> AgentMessage {
        var slots = sample(processing: processing, total: total, sentAt: milliseconds)
        slots.others = others
        return .slots(SlotsReport(sentAtMilliseconds: milliseconds, slots: slots))
    }

    /// Of a poll that took 10 ms and was over 10 ms before its message was sent.
    private static func sample(
        processing: Int,
        total: Int,
        sentAt milliseconds: Double
    ) -> AgentProtocol.SlotSample {
        AgentProtocol.SlotSample(
            total: total,
            processing: processing,
            startedAtMilliseconds: milliseconds - 20,
            finishedAtMilliseconds: milliseconds - 10
        )
    }

    static func bytes(_ messages: AgentMessage...) throws -> [UInt8] {
        try messages.flatMap { try encodeLine($0) }
    }
}
