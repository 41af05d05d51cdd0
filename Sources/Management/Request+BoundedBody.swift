import HTTPTypes
import Hummingbird

extension Request {
    /// How long a body that isn't a stream may take.
    private static let bodyTimeLimit: Duration = .seconds(10)

    /// The whole body, which comes in time and isn't larger than the limit.
    func boundedBody(maximumBytes: Int) async throws -> [UInt8] {
        try checkAnnouncedBody(maximumBytes: maximumBytes)
        let body = body
        return try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await Self.collect(body, maximumBytes: maximumBytes) }
            group.addTask {
                try await Task.sleep(for: Self.bodyTimeLimit)
                throw RequestFailure.bodyTooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    /// For requests whose body nobody has a use for: a small one is forgiven.
    func checkAnnouncedBody(maximumBytes: Int) throws(RequestFailure) {
        guard let length = headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes else { return }
        throw .bodyTooLarge(limit: maximumBytes)
    }

    private static func collect(_ body: RequestBody, maximumBytes: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await piece in body {
                guard bytes.count + piece.readableBytes <= maximumBytes else {
                    throw RequestFailure.bodyTooLarge(limit: maximumBytes)
                }
                bytes += piece.readableBytesView
            }
        } catch let failure as RequestFailure {
            throw failure
        } catch {
            // Chunks that are none, or the end of the connection: nothing that the operator could mend.
            throw RequestFailure.badRequest("the body broke off")
        }
        return bytes
    }
}
