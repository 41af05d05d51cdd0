/// What every connection sees of the server. A class, so that passing it on costs one reference count, not five.
final class ServerContext: Sendable {
    let options: ServerOptions
    let state: SharedState
    let answers: Answers
    let gate: Gate

    init(options: ServerOptions, state: SharedState, answers: Answers, gate: Gate) {
        self.options = options
        self.state = state
        self.answers = answers
        self.gate = gate
    }
}
