#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message as its line, with the line's end.
public func encodeLine(_ message: AgentMessage) throws -> [UInt8] {
    if message == .heartbeat { return [UInt8(ascii: "\n")] }
    return try encode(message)
}

/// A message as its line, with the line's end.
public func encodeLine(_ message: BalancerMessage) throws -> [UInt8] {
    try encode(message)
}

extension AgentMessage {
    /// - Parameter line: without its end.
    /// - Returns: nil for a message of a newer version's, to be skipped.
    /// - Throws: `MessageError` if it isn't a message.
    public static func decode(line: [UInt8]) throws(MessageError) -> AgentMessage? {
        if line.isEmpty { return .heartbeat }
        return try decodeLine(line)
    }
}

extension BalancerMessage {
    /// - Parameter line: without its end.
    /// - Returns: nil for a message of a newer version's and for an empty line, to be skipped.
    /// - Throws: `MessageError` if it isn't a message.
    public static func decode(line: [UInt8]) throws(MessageError) -> BalancerMessage? {
        if line.isEmpty { return nil }
        return try decodeLine(line)
    }
}

private func encode(_ message: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(message)) + [UInt8(ascii: "\n")]
}

private func decodeLine<Message: Decodable>(_ line: [UInt8]) throws(MessageError) -> Message? {
    do {
        return try decodeMessage(line)
    } catch let error as MessageError {
        throw error
    } catch {
        return nil
    }
}

/// - Throws: `UnknownMessage` or `MessageError`.
func decodeMessage<Message: Decodable>(_ json: [UInt8]) throws -> Message {
    do {
        return try JSONDecoder().decode(Message.self, from: Data(json))
    } catch let error as UnknownMessage {
        throw error
    } catch let error as DecodingError {
        throw MessageError.unreadable(MessageError.reason(error))
    } catch {
        throw MessageError.unreadable(ReportLimits.shortened("\(error)"))
    }
}
