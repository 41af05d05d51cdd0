import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Answers a watcher with server-sent events: the whole snapshot whenever it has changed, as the plain endpoint gives it.
enum SnapshotStream {
    static func response(
        of topic: FeedTopic,
        from feed: SnapshotFeed,
        for context: ManagementContext
    ) throws -> Response {
        let channel = context.channel
        let watcher = feed.watch(topic, for: WatchingClient(context)) { channel.close(promise: nil) }
        guard let watcher else {
            throw RequestFailure(
                status: .serviceUnavailable,
                message: "\(SnapshotFeed.maximumWatchers) streams are being watched, or "
                    + "\(SnapshotFeed.maximumWatchersOfOneClient) of them by you, and no more are served; "
                    + "the plain endpoint tells the same once"
            )
        }
        return Response(
            status: .ok,
            headers: headers,
            body: .init { writer in
                try await withGracefulShutdownHandler {
                    try await watcher.mailbox.forEach(clock: { feed.now }) { try await writer.write($0) }
                } onGracefulShutdown: {
                    watcher.mailbox.end()
                }
                try await writer.finish(nil)
            }
        )
    }

    static var headResponse: Response { Response(status: .ok, headers: headers) }

    private static var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"]
        // nginx holds answers back to fill a buffer unless it is told not to.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return headers
    }
}
