import PrintableText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The balancer's answer to what it doesn't do.
struct ErrorReply: Decodable {
    let error: Details

    struct Details: Decodable {
        let message: String
    }

    /// - Returns: one line; nil when there is none.
    static func message(in body: [UInt8]) -> String? {
        let reply = try? JSONDecoder().decode(ErrorReply.self, from: Data(body))
        return reply?.error.message.replacing("\n", with: " ").printable()
    }
}
