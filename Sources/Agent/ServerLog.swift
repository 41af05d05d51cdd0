public import AgentProtocol

/// What the llama-server has printed that runs in the same process as its agent. Any thread may ask.
public protocol ServerLog: Sendable {
    /// What there is, within the limits of an answer.
    func answer(to question: LogQuestion) -> LogAnswer

    /// Calls once when there is a line behind the one of that number: at once, or when it comes, on any thread.
    func onLine(after number: Int, _ call: @escaping @Sendable () -> Void)
}
