/// A look into the body of a request, without reading all of what it says.
public enum RequestBody {
    /// Whether the body is a JSON object with `"stream": true` at its top level; as with llama-server, of several the last
    /// one counts.
    ///
    /// Strings, of which a long prompt consists, are skipped at the speed of memory. What isn't JSON gets any answer.
    public static func asksForStream(_ body: borrowing Span<UInt8>) -> Bool {
        var asks = false
        var depth = 0
        /// Whether a string at the top level would be a name.
        var expectsName = false
        var offset = 0
        while offset < body.count {
            switch body[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                expectsName = depth == 1 && body[offset] == UInt8(ascii: "{")
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth <= 0 { return asks }
            case UInt8(ascii: ","):
                expectsName = depth == 1
            case UInt8(ascii: "\""):
                guard let end = body.endOfString(from: offset + 1) else { return false }
                if expectsName, body.extracting(offset + 1..<end).equals("stream") {
                    asks = body.hasTrue(behindNameAt: end + 1)
                }
                expectsName = false
                offset = end
            default:
                break
            }
            offset += 1
        }
        return false
    }
}

extension Span<UInt8> {
    /// - Returns: where its closing quote stands.
    fileprivate borrowing func endOfString(from start: Int) -> Int? {
        var from = start
        while let quote = index(of: UInt8(ascii: "\""), from: from) {
            var backslashes = 0
            while quote - backslashes > start, self[quote - backslashes - 1] == UInt8(ascii: "\\") { backslashes += 1 }
            if backslashes.isMultiple(of: 2) { return quote }
            from = quote + 1
        }
        return nil
    }

    fileprivate borrowing func hasTrue(behindNameAt start: Int) -> Bool {
        var offset = start
        var hasColon = false
        while offset < count {
            switch self[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): break
            case UInt8(ascii: ":") where !hasColon: hasColon = true
            default: return hasColon && extracting(offset...).begins(with: "true")
            }
            offset += 1
        }
        return false
    }
}
