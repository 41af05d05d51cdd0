/// Cuts JSON objects that follow each other without a delimiter out of a stream, wherever its pieces end.
///
/// Paddler 1.x's agents send one object with each write and rely on its arriving as one piece, which HTTP doesn't
/// promise. Holds at most one object.
public struct JSONObjectSplitter: Sendable {
    /// The longest object in bytes: the list of some 8000 slots, as version 1.2 sends it.
    public static let maximumObjectBytes = 256 * 1024

    private enum Position {
        case betweenObjects
        case inObject
        case inString
        case afterBackslash
    }

    private var object: [UInt8] = []
    private var position = Position.betweenObjects
    /// Braces that are open, outside of strings.
    private var depth = 0
    private let limit: Int

    /// - Parameter limit: the longest object in bytes.
    public init(limit: Int = maximumObjectBytes) {
        self.limit = limit
    }

    /// Whether the stream may end here: no object has begun that hasn't ended.
    public var isBetweenObjects: Bool {
        if case .betweenObjects = position { true } else { false }
    }

    /// - Returns: the objects that are whole now. Whether they are JSON beyond their braces is for others to find out.
    /// - Throws: `MessageError` for an object that is too long or something that is none; nothing more can be read then.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(MessageError) -> [[UInt8]] {
        var objects: [[UInt8]] = []
        for byte in bytes {
            switch (position, byte) {
            case (.betweenObjects, UInt8(ascii: "{")):
                position = .inObject
                depth = 1
            case (.betweenObjects, UInt8(ascii: " ")), (.betweenObjects, UInt8(ascii: "\t")),
                (.betweenObjects, UInt8(ascii: "\r")), (.betweenObjects, UInt8(ascii: "\n")):
                continue
            case (.betweenObjects, _):
                throw .unreadable("it is not an object")

            case (.inObject, UInt8(ascii: "{")):
                depth += 1
            case (.inObject, UInt8(ascii: "}")):
                depth -= 1
            case (.inObject, UInt8(ascii: "\"")):
                position = .inString
            case (.inString, UInt8(ascii: "\"")):
                position = .inObject
            case (.inString, UInt8(ascii: "\\")):
                position = .afterBackslash
            case (.afterBackslash, _):
                position = .inString
            case (.inObject, _), (.inString, _):
                break
            }
            guard object.count < limit else { throw .messageTooLong(limit: limit) }
            object.append(byte)
            if depth == 0 {
                objects.append(object)
                object = []
                position = .betweenObjects
            }
        }
        return objects
    }
}
