public import LlamaServer

/// What an agent of Paddler 0.10 or 1.x says of its llama-server: checked, and in our terms.
public struct OldAgentStatus: Hashable, Sendable {
    public let name: String?
    /// Where the balancer reaches the llama-server.
    public let address: NetworkAddress
    public let usesTLS: Bool
    public let condition: Condition
    /// How the slots were at some moment before the message was sent; nil when the agent couldn't see them.
    public let slots: Slots?

    public struct Slots: Hashable, Sendable {
        public let total: Int
        /// 0...total.
        public let processing: Int
    }

    /// - Parameter fields: the names of the two counts, for the error.
    init(
        name: String?,
        address: NetworkAddress,
        usesTLS: Bool = false,
        condition: Condition,
        idle: Int,
        processing: Int,
        fields: (idle: String, processing: String)
    ) throws(ReportError) {
        try ReportLimits.check(name, "name")
        try condition.validate()
        // Neither version knows them. Who may name one is checked where agents connect.
        guard address.socketPath == nil else { throw .outOfRange("the address", "\(address)") }
        for (count, field) in [(idle, fields.idle), (processing, fields.processing)] {
            guard ReportLimits.slots ~= count else { throw .outOfRange(field, "\(count)") }
        }
        guard ReportLimits.slots ~= idle + processing else {
            throw .outOfRange("\(fields.idle) + \(fields.processing)", "\(idle + processing)")
        }
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
        self.address = address
        self.usesTLS = usesTLS
        self.condition = condition
        slots = condition == .ready ? Slots(total: idle + processing, processing: processing) : nil
    }
}
