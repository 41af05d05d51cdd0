/// What an answer says at its end of the tokens that it cost.
public struct ReportedUsage: Equatable, Sendable {
    /// Tokens of the prompt that were computed.
    public var promptComputed: Int
    /// Tokens of the prompt that were found in a cache.
    public var promptCached: Int
    public var generated: Int

    public init(promptComputed: Int, promptCached: Int, generated: Int) {
        self.promptComputed = promptComputed
        self.promptCached = promptCached
        self.generated = generated
    }

    /// Looks for llama-server's `timings`, or else for a `usage` object, in the last bytes of an answer, streamed or not.
    ///
    /// A look at text and not a parse of JSON: what comes before the object may be cut off, and what a model says stands
    /// in strings, whose quotes are escaped. Of several, the last one counts.
    ///
    /// - Parameter tail: some 1 kB; both objects are far shorter and stand at the very end.
    public init?(endingIn tail: borrowing Span<UInt8>) {
        if let timings = tail.fields(ofLast: "\"timings\":{"),
            let computed = timings["prompt_n"], let generated = timings["predicted_n"]
        {
            self.init(promptComputed: computed, promptCached: timings["cache_n"] ?? 0, generated: generated)
            return
        }
        guard let usage = tail.fields(ofLast: "\"usage\":{") else { return nil }
        // Anthropic's names count what was read from the cache beside the input, OpenAI's within the prompt.
        if let input = usage["input_tokens"], let output = usage["output_tokens"] {
            let cached = usage["cache_read_input_tokens"] ?? 0
            self.init(promptComputed: input, promptCached: cached, generated: output)
        } else if let prompt = usage["prompt_tokens"] {
            let cached = min(prompt, usage["cached_tokens"] ?? 0)
            self.init(promptComputed: prompt - cached, promptCached: cached, generated: usage["completion_tokens"] ?? 0)
        } else {
            return nil
        }
    }
}

extension Span<UInt8> {
    /// The whole, not negative numbers of a flat or nested object, by their names.
    fileprivate borrowing func fields(ofLast opening: StaticString) -> [String: Int]? {
        guard var offset = lastIndex(of: opening) else { return nil }
        offset += opening.utf8CodeUnitCount
        var depth = 1
        var fields: [String: Int] = [:]
        while depth > 0, offset < count {
            switch self[offset] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\""):
                guard let end = index(of: UInt8(ascii: "\""), from: offset + 1) else { return nil }
                let name = text(offset + 1..<end)
                offset = end
                guard end + 1 < count, self[end + 1] == UInt8(ascii: ":") else { break }
                if let number = wholeNumber(from: end + 2) { fields[name] = number }
            default: break
            }
            offset += 1
        }
        return depth == 0 ? fields : nil
    }

    private borrowing func lastIndex(of text: StaticString) -> Int? {
        let length = text.utf8CodeUnitCount
        var start = count - length
        while start >= 0 {
            var index = 0
            while index < length, self[start + index] == text.utf8Start[index] { index += 1 }
            if index == length { return start }
            start -= 1
        }
        return nil
    }

    private borrowing func index(of byte: UInt8, from start: Int) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    private borrowing func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        for index in range { bytes.append(self[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Fractions and what is larger than any count of tokens are no counts.
    private borrowing func wholeNumber(from start: Int) -> Int? {
        var number = 0
        var index = start
        while index < count, index - start < 12, UInt8(ascii: "0")...UInt8(ascii: "9") ~= self[index] {
            number = number * 10 + Int(self[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, index < count else { return nil }
        return self[index] == UInt8(ascii: ",") || self[index] == UInt8(ascii: "}") ? number : nil
    }
}
