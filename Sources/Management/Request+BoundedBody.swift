import HTTPTypes
import Hummingbird

extension Request {
    /// The whole body, which comes in time and isn't larger than the limit.
    func boundedBody(maximumBytes: Int) async throws -> [UInt8] {
        try checkAnnouncedBody(maximumBytes: maximumBytes)
        return try await body.bounded(maximumBytes: maximumBytes)
    }

    /// For requests whose body nobody has a use for: a small one is forgiven.
    func checkAnnouncedBody(maximumBytes: Int) throws(RequestFailure) {
        guard let length = headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes else { return }
        throw .bodyTooLarge(limit: maximumBytes)
    }
}

extension RequestBody {
    /// How long a body that isn't a stream may take.
    private static let timeLimit: Duration = .seconds(10)

    /// All of it, if it comes in time and isn't larger than the limit.
    func bounded(maximumBytes: Int) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await collect(maximumBytes: maximumBytes) }
            // A limit and no wait: what ends first cancels the other.
            group.addTask {
                try await Task.sleep(for: Self.timeLimit)
                throw RequestFailure.bodyTooSlow
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }

    private func collect(maximumBytes: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await piece in self {
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
