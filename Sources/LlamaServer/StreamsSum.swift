#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The lists of answers that go on without their clients (`POST /v1/streams/lookup`), of several llama-servers as one, each
/// entry as its server wrote it.
///
/// A conversation has one such answer at a server. Of those at several servers the last that began is the one that is meant.
public struct StreamsSum: Sendable {
    private struct Entry: Sendable {
        var server: Int
        var startedAt: Int
        var json: [UInt8]
    }

    private var entries: [String: Entry] = [:]
    /// In the order in which they were first seen.
    private var conversations: [String] = []

    /// More than one asks for at one time.
    private static let most = 4096

    public init() {}

    /// - Parameters:
    ///   - text: a server's answer; what isn't one adds nothing.
    ///   - server: its number.
    public mutating func add(_ text: [UInt8], of server: Int) {
        // The list stands alone.
        let object = Array(#"{"":"#.utf8) + text + Array("}".utf8)
        let span = object.span
        JSONMember.forEachElement(of: "", in: span) { range in
            let json = Array(object[range])
            guard let facts = try? ReplyError.decode(Facts.self, from: json, of: "a stream") else { return }
            add(Entry(server: server, startedAt: facts.startedAt ?? 0, json: json), facts.conversation)
        }
    }

    private mutating func add(_ entry: Entry, _ conversation: String) {
        if let known = entries[conversation] {
            guard known.startedAt < entry.startedAt else { return }
        } else {
            guard conversations.count < Self.most else { return }
            conversations.append(conversation)
        }
        entries[conversation] = entry
    }

    /// Which server has which conversation's answer.
    public var holders: [(conversation: String, server: Int)] {
        conversations.compactMap { name in entries[name].map { (name, $0.server) } }
    }

    /// In llama-server's form.
    public var json: [UInt8] {
        let listed = conversations.compactMap { entries[$0]?.json }
        return Array("[".utf8) + listed.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
    }

    /// What is asked for in the body of a request for one conversation's entry.
    public static func question(_ conversation: [UInt8]) -> [UInt8] {
        struct Question: Encodable {
            let conversationIDs: [String]
            enum CodingKeys: String, CodingKey {
                case conversationIDs = "conversation_ids"
            }
        }
        let question = Question(conversationIDs: [String(decoding: conversation, as: UTF8.self)])
        return (try? JSONEncoder().encode(question)).map { Array($0) } ?? Array("{}".utf8)
    }

    private struct Facts: Decodable {
        let conversation: String
        let startedAt: Int?

        enum CodingKeys: String, CodingKey {
            case conversation = "conversation_id"
            case startedAt = "started_at"
        }
    }
}
