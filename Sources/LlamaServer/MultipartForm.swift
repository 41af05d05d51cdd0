/// A look into the body of a form, RFC 7578, such as audio files come in.
public enum MultipartForm {
    /// - Parameters:
    ///   - name: of a field; ASCII.
    ///   - body: whole, from its first boundary on.
    /// - Returns: what the last field of that name says; nil: there is none, or it is a file, empty, or longer than
    ///   ``RequestBodyScan/longestModel``.
    public static func value(of name: StaticString, in body: borrowing Span<UInt8>) -> String? {
        guard let lineEnd = body.index(of: UInt8(ascii: "\r"), from: 0), lineEnd > 2 else { return nil }
        // Every part begins with the same line, and ends before the next: what a file holds is passed over.
        let boundary = body.extracting(0..<lineEnd)
        var found: String?
        var start = lineEnd
        while let next = body.firstRange(of: boundary, from: start) {
            if let value = value(of: name, inPart: body.extracting(start..<next)) { found = value }
            start = next + lineEnd
        }
        return found
    }

    /// In bytes: no field's head is longer.
    private static let longestHead = 1024

    /// - Parameter part: from the end of its boundary to the next one's beginning.
    private static func value(of name: StaticString, inPart part: borrowing Span<UInt8>) -> String? {
        let blank: StaticString = "\r\n\r\n"
        let head = part.extracting(0..<min(part.count, longestHead))
        guard let headEnd = head.firstIndex(of: blank, from: 0) else { return nil }
        let fields = part.extracting(0..<headEnd)
        guard names(name, fields), fields.firstIndex(of: "filename", from: 0) == nil else { return nil }
        let start = headEnd + blank.utf8CodeUnitCount
        let end = part.count - 2
        guard start < end, end - start <= RequestBodyScan.longestModel else { return nil }
        return part.extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether its disposition says `name="..."`, with or without the quotes.
    private static func names(_ name: StaticString, _ fields: borrowing Span<UInt8>) -> Bool {
        var from = 0
        while let index = fields.firstIndex(of: "name=", from: from) {
            from = index + 5
            let isQuoted = from < fields.count && fields[from] == UInt8(ascii: "\"")
            let start = isQuoted ? from + 1 : from
            let end = start + name.utf8CodeUnitCount
            guard end <= fields.count, fields.extracting(start..<end).equals(name) else { continue }
            guard end < fields.count else { return true }
            let isEnd =
                isQuoted
                ? fields[end] == UInt8(ascii: "\"")
                : fields[end] == UInt8(ascii: ";") || fields[end] == UInt8(ascii: "\r")
            if isEnd { return true }
        }
        return false
    }
}

extension Span<UInt8> {
    fileprivate borrowing func firstIndex(of text: StaticString, from start: Int) -> Int? {
        var from = start
        while let index = index(of: text.utf8Start[0], from: from), index + text.utf8CodeUnitCount <= count {
            if extracting(index..<index + text.utf8CodeUnitCount).equals(text) { return index }
            from = index + 1
        }
        return nil
    }

    fileprivate borrowing func firstRange(of other: borrowing Span<UInt8>, from start: Int) -> Int? {
        var from = start
        while let index = index(of: other[0], from: from), index + other.count <= count {
            if begins(at: index, with: other) { return index }
            from = index + 1
        }
        return nil
    }

    private borrowing func begins(at start: Int, with other: borrowing Span<UInt8>) -> Bool {
        for index in 0..<other.count where self[start + index] != other[index] { return false }
        return true
    }
}
