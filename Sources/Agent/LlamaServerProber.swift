import AgentRules
import LlamaServer

/// Puts the questions to llama-server.
struct LlamaServerProber: Sendable {
    private let client: any AgentClient
    private let origin: String
    private let key: String?

    /// - Parameter origin: without the slash of a path.
    init(client: any AgentClient, origin: String, prefix: PathPrefix? = nil, key: String?) {
        self.client = client
        self.origin = origin + (prefix?.text ?? "")
        self.key = key
    }

    func answer(to probe: Probe, within limit: Duration) async -> Probe.Answer {
        var request = AgentRequest("GET", at: origin + probe.path)
        request.headers.append(("accept", "application/json"))
        if let body = probe.body {
            request.method = "POST"
            request.headers.append(("content-type", "application/json"))
            request.body = Array(body.utf8)
        }
        // A connection that is kept occupies one of llama-server's threads, and its closing would race with us.
        request.headers.append(("connection", "close"))
        if let key { request.headers.append(("authorization", "Bearer \(key)")) }
        do {
            let answer = try await client.exchange(request, within: limit, upTo: probe.maximumReplyBytes)
            return .reply(status: answer.status, body: answer.body)
        } catch let failure as TransportFailure {
            return failure.isTimeout ? .timedOut : .failed(failure.inWords)
        } catch {
            return .failed("\(error)")
        }
    }
}
