import Foundation

/// The JSON in answers.
extension HTTPReply {
    struct Failure: Decodable, Equatable, Sendable {
        let code: Int
        let message: String
        let type: String
    }

    /// What a fake server says of the request that it got.
    struct Facts: Decodable, Equatable, Sendable {
        let server: String
        let bodyBytes: Int

        enum CodingKeys: String, CodingKey {
            case server
            case bodyBytes = "body_bytes"
        }
    }

    private struct Content: Decodable {
        let error: Failure?
        let fake: Facts?
    }

    /// The error that the body is.
    var failure: Failure? { (try? JSONDecoder().decode(Content.self, from: Data(body)))?.error }
    /// The error that the last event is.
    var lastEventFailure: Failure? {
        events.last.flatMap { try? JSONDecoder().decode(Content.self, from: Data($0.utf8)) }?.error
    }
    var facts: Facts? { (try? JSONDecoder().decode(Content.self, from: Data(body)))?.fake }
}
