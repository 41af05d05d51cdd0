import AgentProtocol
import NIOCore

/// The log of a server on its way to one reader, who is asked for whenever the reader has taken what came before: one that
/// takes nothing costs nothing, and is cut off after a while.
struct LogStream {
    let reader: AgentLogReader
    /// How many lines from before are wanted.
    let lines: Int
    let follows: Bool
    let channel: any Channel

    /// From one question to the next: so many times ``LogAnswer/mostBytes`` come at most.
    private static let pause = Duration.milliseconds(100)
    private static let stallLimit = TimeAmount.seconds(30)

    /// Returns when all is written, or nobody reads or answers any more.
    func write(from first: LogAnswer, _ write: (ByteBuffer) async throws -> Void) async throws {
        var answer = first
        var rest = lines - first.lines.count
        while true {
            try await self.write(Self.text(answer), by: write)
            guard follows || answer.hasMore && rest > 0 else { return }
            // A flood of lines costs no more than a reader can read.
            try await Task.sleep(for: Self.pause)
            let next = await reader.ask(
                after: answer.last,
                lines: follows ? LogQuestion.lineCounts.upperBound : rest,
                waits: !answer.hasMore
            )
            guard let next else { return }
            rest -= next.lines.count
            answer = next
        }
    }

    private func write(_ text: String, by write: (ByteBuffer) async throws -> Void) async throws {
        guard !text.isEmpty else { return }
        let cut = channel.eventLoop.scheduleTask(in: Self.stallLimit) { [channel] in channel.close(promise: nil) }
        defer { cut.cancel() }
        try await write(ByteBuffer(string: text))
    }

    private static func text(_ answer: LogAnswer) -> String {
        var text = ""
        if answer.leftOut > 0 { text = "… \(answer.leftOut) line\(answer.leftOut == 1 ? "" : "s") left out\n" }
        for line in answer.lines { text += line + "\n" }
        return text
    }
}
