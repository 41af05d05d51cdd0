/// A look into the body of a form, RFC 7578, such as audio files come in.
public enum MultipartForm {
    /// - Parameters:
    ///   - name: of a field; ASCII.
    ///   - body: whole; what is no form says nothing.
    /// - Returns: what the last field of that name says; nil: there is none, or it is a file, empty, longer than
    ///   ``RequestBodyScan/longestModel``, or further than 64 KiB from both ends of the body, between which the file lies.
    public static func value(of name: StaticString, in body: borrowing Span<UInt8>) -> String? {
        range(of: name, in: body).map { range in
            body.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The same, where it stands.
    public static func range(of name: StaticString, in body: borrowing Span<UInt8>) -> Range<Int>? {
        // Every part begins with the same line, and ends before the next: what a file holds is passed over.
        guard body.begins(with: "--"), let lineEnd = body.index(of: UInt8(ascii: "\r"), from: 0),
            3...longestBoundary ~= lineEnd
        else { return nil }
        let boundary = body.extracting(0..<lineEnd)
        // One that went over several lines could begin within itself.
        guard boundary.index(of: UInt8(ascii: "\n"), from: 0) == nil else { return nil }
        let head = body.extracting(0..<min(body.count, window))
        let tailStart = body.count > window ? body.count - window : body.count
        if let found = range(of: name, in: body.extracting(tailStart...), between: boundary) {
            return tailStart + found.lowerBound..<tailStart + found.upperBound
        }
        return range(of: name, in: head, between: boundary)
    }

    /// Whether somebody who reads forms in another way may find a field of that name that ``range(of:in:)`` doesn't, or one
    /// that says something else: where the body isn't read, in front of the first boundary, or in another spelling.
    public static func isUnclear(_ name: StaticString, in body: borrowing Span<UInt8>) -> Bool {
        let value = range(of: name, in: body)
        if let value {
            // A boundary that counts for others may be in it.
            for index in value where body[index] < 0x20 { return true }
        }
        var fields = 0
        var from = 0
        while let index = body.firstIndex(of: name, from: from), fields < 2 {
            from = index + name.utf8CodeUnitCount
            if body.isAssigned(index..<from) { fields += 1 }
        }
        return fields != (value == nil ? 0 : 1)
    }

    /// In bytes, with the two dashes in front of it: RFC 2046 5.1.1.
    private static let longestBoundary = 72
    /// In bytes. Not all of the body: a file of any length and contents must not keep an event loop from all else.
    private static let window = 64 << 10
    /// In bytes: no field's head is longer.
    private static let longestHead = 1024

    /// - Parameter bytes: a part of the body, of which the fields count that lie between two boundaries.
    private static func range(
        of name: StaticString,
        in bytes: borrowing Span<UInt8>,
        between boundary: borrowing Span<UInt8>
    ) -> Range<Int>? {
        var found: Range<Int>?
        var start: Int?
        var line = 0
        while line < bytes.count {
            if bytes.begins(at: line, with: boundary) {
                if let start, let value = range(of: name, inPart: bytes.extracting(start..<line)) {
                    found = start + value.lowerBound..<start + value.upperBound
                }
                start = line + boundary.count
            }
            guard let end = bytes.index(of: UInt8(ascii: "\n"), from: line) else { break }
            line = end + 1
        }
        return found
    }

    /// - Parameter part: from the end of its boundary to the next one's beginning.
    private static func range(of name: StaticString, inPart part: borrowing Span<UInt8>) -> Range<Int>? {
        let blank: StaticString = "\r\n\r\n"
        let head = part.extracting(0..<min(part.count, longestHead))
        guard let headEnd = head.firstIndex(of: blank, from: 0) else { return nil }
        let fields = part.extracting(0..<headEnd)
        guard names(name, fields), fields.firstIndex(of: "filename", from: 0) == nil else { return nil }
        let start = headEnd + blank.utf8CodeUnitCount
        let end = part.count - 2
        guard start < end, end - start <= RequestBodyScan.longestModel else { return nil }
        return start..<end
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

    /// Whether a word stands behind an equals sign, with quotation marks and white space around it or without.
    fileprivate borrowing func isAssigned(_ word: Range<Int>) -> Bool {
        if word.upperBound < count {
            switch self[word.upperBound] {
            case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: " "),
                UInt8(ascii: "\t"):
                break
            default: return false
            }
        }
        var index = word.lowerBound
        while index > 0 {
            index -= 1
            switch self[index] {
            case UInt8(ascii: "="): return true
            case UInt8(ascii: "\""), UInt8(ascii: " "), UInt8(ascii: "\t"): continue
            default: return false
            }
        }
        return false
    }

    fileprivate borrowing func begins(at start: Int, with other: borrowing Span<UInt8>) -> Bool {
        guard start + other.count <= count else { return false }
        for index in 0..<other.count where self[start + index] != other[index] { return false }
        return true
    }
}
