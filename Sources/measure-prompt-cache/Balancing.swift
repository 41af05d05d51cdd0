/// Where requests go, and when.
protocol Balancing {
    /// Who goes where, as a result of what has happened; nobody goes to a server without an idle slot.
    typealias Sent = [(request: Int, server: Int)]

    mutating func arrived(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent
    mutating func ended(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent
    /// When ``passed(_:at:)`` is to be called; nil: not.
    var nextDue: Double? { get }
    mutating func passed(_ servers: [CachingServer], at time: Double) -> Sent
}

struct SimulatedRequest {
    let number: Int
    let conversation: Int
    let prompt: Prompt
    let generated: Int
    let arrival: Double
    var server = 0
    var found = 0
    var sent = 0.0
    var firstToken = 0.0
    var end = 0.0

    /// What the server says.
    var answer: Prompt.Part { Prompt.Part(text: 1 << 40 + UInt64(number), tokens: generated) }
}
