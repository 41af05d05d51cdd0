/// Finds where in a JSON object one of its values stands, so that it can be passed on as it was written: numbers and the order
/// of members as they were, and members that nobody here knows.
enum JSONMember {
    /// - Parameters:
    ///   - name: ASCII; escapes in the text's own names aren't looked through.
    ///   - object: text that is known to be a JSON object.
    /// - Returns: the range of the first member's value with this name, if that is an object.
    static func object(of name: StaticString, in object: borrowing Span<UInt8>) -> Range<Int>? {
        guard let start = start(of: name, in: object), object[start] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        var offset = start
        while offset < object.count {
            switch object[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return start..<offset + 1 }
            case UInt8(ascii: "\""): offset = endOfString(from: offset + 1, in: object)
            default: break
            }
            offset += 1
        }
        return nil
    }

    static func contains(_ name: StaticString, in object: borrowing Span<UInt8>) -> Bool {
        start(of: name, in: object) != nil
    }

    /// - Returns: the range of the first member's value with this name, its quotes included, if that is a string.
    static func string(of name: StaticString, in object: borrowing Span<UInt8>) -> Range<Int>? {
        guard let start = start(of: name, in: object), object[start] == UInt8(ascii: "\"") else { return nil }
        return start..<min(endOfString(from: start + 1, in: object) + 1, object.count)
    }

    /// Calls `body` with the place of each element of the first member's value with this name, if that is an array.
    static func forEachElement(of name: StaticString, in object: borrowing Span<UInt8>, _ body: (Range<Int>) -> Void) {
        guard let array = start(of: name, in: object), object[array] == UInt8(ascii: "[") else { return }
        var depth = 0
        var start = array + 1
        var offset = start
        while offset < object.count, depth >= 0 {
            switch object[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
                if depth == 0 {
                    let element = trimmed(start..<offset, in: object)
                    if !element.isEmpty { body(element) }
                    start = offset + 1
                }
                if object[offset] != UInt8(ascii: ",") { depth -= 1 }
            case UInt8(ascii: "\""): offset = endOfString(from: offset + 1, in: object)
            default: break
            }
            offset += 1
        }
    }

    /// Where the value of the first member with this name begins.
    private static func start(of name: StaticString, in object: borrowing Span<UInt8>) -> Int? {
        var depth = 0
        var offset = 0
        while offset < object.count {
            switch object[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let end = endOfString(from: offset + 1, in: object)
                if depth == 1, object.extracting(offset + 1..<end).equals(name),
                    let value = startOfValue(from: end + 1, in: object)
                {
                    return value
                }
                offset = end
            default: break
            }
            offset += 1
        }
        return nil
    }

    private static func trimmed(_ range: Range<Int>, in text: borrowing Span<UInt8>) -> Range<Int> {
        var range = range
        while let first = range.first, text[first] <= UInt8(ascii: " ") { range = first + 1..<range.upperBound }
        while let last = range.last, text[last] <= UInt8(ascii: " ") { range = range.lowerBound..<last }
        return range
    }

    /// - Returns: where its closing quote stands, or the text's end.
    private static func endOfString(from start: Int, in text: borrowing Span<UInt8>) -> Int {
        var offset = start
        while offset < text.count, text[offset] != UInt8(ascii: "\"") {
            offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(offset, text.count)
    }

    /// Behind a colon and white space; nil: there is no colon, so that what stands in front of this is no name.
    private static func startOfValue(from end: Int, in text: borrowing Span<UInt8>) -> Int? {
        var offset = end
        var hasColon = false
        while offset < text.count {
            switch text[offset] {
            case let byte where byte.isJSONSpace: break
            case UInt8(ascii: ":") where !hasColon: hasColon = true
            default: return hasColon ? offset : nil
            }
            offset += 1
        }
        return nil
    }
}
