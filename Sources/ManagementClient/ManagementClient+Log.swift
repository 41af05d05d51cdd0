internal import HTTPExchange

extension ManagementClient {
    /// How many lines from before can be asked for.
    public static let logLineCounts = 1...2000

    /// Reads the log of a server that its agent runs.
    ///
    /// - Parameters:
    ///   - lines: from before, of ``logLineCounts``.
    ///   - follows: whether to go on with what is printed from then on, until the agent or the balancer is gone.
    ///   - each: gets lines that may be shown, as they come, and says whether to go on.
    /// - Throws: why there is no log, or no more of it.
    public func log(
        of agent: ListedAgent,
        lines: Int,
        follows: Bool,
        _ each: ([String]) async -> Bool
    ) async throws(ManagementClientError) {
        let path = "/api/v1/agents/\(PathSegment.encoded(agent.id))/log?lines=\(lines)&follow=\(follows)"
        var text = LogLines()
        var isEnough = false
        let answer = await asker.read(
            balancer.url + path,
            headers: headers(accept: "text/plain"),
            mayBeSilent: follows
        ) { bytes in
            let lines = text.read(bytes)
            guard !lines.isEmpty else { return }
            isEnough = await !each(lines)
            if isEnough { throw CancellationError() }
        }
        switch answer {
        case _ where isEnough: return
        case nil where follows: throw .logEnded(agent.inWords)
        case nil: return
        case let answer?: throw failure(answer)
        }
    }
}
