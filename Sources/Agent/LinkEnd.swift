import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1

/// How a connection to a balancer ended.
struct LinkEnd {
    let reason: String
    /// Whether there was a connection at all.
    let wasWelcome: Bool
    /// Whether trying again at once makes no sense: the balancer said no.
    var isFinal = false

    private static let longestRefusal = 16 * 1024
    private static let refusalLimit = Duration.seconds(5)

    static func refusal(_ response: HTTPClientResponse) async -> LinkEnd {
        let message = await message(of: response)
        return LinkEnd(
            reason: "it answered \(response.status.code)" + (message.map { ": \($0)" } ?? ""),
            wasWelcome: false,
            isFinal: true
        )
    }

    /// Nil if there is none, or if it doesn't come in time.
    private static func message(of response: HTTPClientResponse) async -> String? {
        await withTaskGroup { group in
            group.addTask {
                let body = try? await response.body.collect(upTo: longestRefusal)
                return body.flatMap { try? ErrorReply(json: Array($0.readableBytesView)).message }
            }
            group.addTask {
                try? await Task.sleep(for: refusalLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
