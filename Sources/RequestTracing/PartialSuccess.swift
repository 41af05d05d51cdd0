#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Says of a request that was answered 200 that not all of its spans were taken, OTLP's `ExportTracePartialSuccess`.
struct PartialSuccess: Equatable {
    let rejected: Int
    let message: String

    /// nil: all of them were.
    init?(in body: [UInt8]) {
        guard let reply = try? JSONDecoder().decode(Reply.self, from: Data(body)), let part = reply.partialSuccess,
            let rejected = part.rejectedSpans?.number, rejected > 0
        else { return nil }
        self.rejected = rejected
        message = part.errorMessage ?? ""
    }

    private struct Reply: Decodable {
        let partialSuccess: Part?

        struct Part: Decodable {
            let rejectedSpans: Number?
            let errorMessage: String?
        }
    }

    /// Protobuf's JSON has numbers of 64 bits in strings, and takes them without.
    private struct Number: Decodable {
        let number: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            number =
                if let text = try? container.decode(String.self) { Int(text) } else { try container.decode(Int.self) }
        }
    }
}
