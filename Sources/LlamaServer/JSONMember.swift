/// Finds where in a JSON object one of its values stands, so that it can be passed on as it was written: numbers and the order
/// of members as they were, and members that nobody here knows.
enum JSONMember {
    /// - Parameters:
    ///   - name: ASCII; escapes in the text's own names aren't looked through.
    ///   - object: text that is known to be a JSON object.
    /// - Returns: the range of the first member's value with this name, if that is an object.
    static func value(of name: StaticString, in object: borrowing Span<UInt8>) -> Range<Int>? {
        var depth = 0
        /// Behind the name, until something follows that is neither the colon nor white space.
        var isNext = false
        var start: Int?
        var offset = 0
        while offset < object.count {
            switch object[offset] {
            case UInt8(ascii: "{"):
                depth += 1
                if isNext { start = offset }
                isNext = false
            case UInt8(ascii: "["):
                depth += 1
                isNext = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 1, let start { return start..<offset + 1 }
            case UInt8(ascii: "\""):
                let end = endOfString(from: offset + 1, in: object)
                isNext =
                    depth == 1 && start == nil && object.extracting(offset + 1..<end).equals(name)
                    && isFollowedByColon(end + 1, in: object)
                offset = end
            default:
                break
            }
            offset += 1
        }
        return nil
    }

    /// - Parameters:
    ///   - name: ASCII; escapes in the text's own names aren't looked through.
    ///   - object: text that is known to be a JSON object.
    /// - Returns: the range of the first member's value with this name, its quotes included, if that is a string.
    static func string(of name: StaticString, in object: borrowing Span<UInt8>) -> Range<Int>? {
        var depth = 0
        var isNext = false
        var offset = 0
        while offset < object.count {
            switch object[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                isNext = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            case UInt8(ascii: ","):
                isNext = false
            case UInt8(ascii: "\""):
                let end = endOfString(from: offset + 1, in: object)
                if isNext { return offset..<min(end + 1, object.count) }
                isNext =
                    depth == 1 && object.extracting(offset + 1..<end).equals(name)
                    && isFollowedByColon(end + 1, in: object)
                offset = end
            default:
                break
            }
            offset += 1
        }
        return nil
    }

    /// Calls `body` with the place of each element of the first member's value with this name, if that is an array.
    ///
    /// - Parameter name: ASCII; escapes in the text's own names aren't looked through.
    static func forEachElement(of name: StaticString, in object: borrowing Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var depth = 0
        var isNext = false
        /// Where the present element begins, in the array that is looked for.
        var start: Int?
        var offset = 0
        while offset < object.count {
            let byte = object[offset]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if isNext, byte == UInt8(ascii: "[") { start = offset + 1 }
                isNext = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
                if depth == 2, let begin = start {
                    let element = trimmed(begin..<offset, in: object)
                    if !element.isEmpty { body(element) }
                    start = offset + 1
                }
                guard byte != UInt8(ascii: ",") else { break }
                depth -= 1
                if depth <= 1, start != nil { return }
            case UInt8(ascii: "\""):
                let end = endOfString(from: offset + 1, in: object)
                isNext =
                    depth == 1 && object.extracting(offset + 1..<end).equals(name)
                    && isFollowedByColon(end + 1, in: object)
                offset = end
            default:
                break
            }
            offset += 1
        }
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

    private static func isFollowedByColon(_ start: Int, in text: borrowing Span<UInt8>) -> Bool {
        var offset = start
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): offset += 1
            default: return text[offset] == UInt8(ascii: ":")
            }
        }
        return false
    }
}
