/// What an answer says of the tokens that it cost.
public struct ReportedUsage: Equatable, Sendable {
    /// Tokens of the prompt that were computed.
    public var promptComputed: Int
    /// Tokens of the prompt that were found in a cache.
    public var promptCached: Int
    public var generated: Int
    /// What computing the prompt took, rounded down; nil: the answer doesn't say.
    public var promptMilliseconds: Int?

    public init(promptComputed: Int, promptCached: Int, generated: Int, promptMilliseconds: Int? = nil) {
        self.promptMilliseconds = promptMilliseconds
        self.promptComputed = promptComputed
        self.promptCached = promptCached
        self.generated = generated
    }

    /// Looks for llama-server's `timings`, or else for a `usage` object, in the last bytes of an answer, streamed or not.
    ///
    /// A look at text and not a parse of JSON: what comes before the object may be cut off, and what a model says stands
    /// in strings, whose quotes are escaped. Of several, the last one counts.
    ///
    /// - Parameters:
    ///   - tail: some 1 kB; both objects are far shorter and stand at the very end.
    ///   - start: what a streamed `/v1/messages` answer said in its first event, which ``FirstEventEnd`` finds. Its end
    ///     tells only what was generated. With nil, or where the end says all, it counts for nothing.
    public init?(endingIn tail: borrowing Span<UInt8>, begunWith start: ReportedUsage? = nil) {
        let objects = tail.lastObjects()
        if let timings = objects.timings,
            let computed = tail.number("prompt_n", in: timings),
            let generated = tail.number("predicted_n", in: timings)
        {
            let cached = tail.number("cache_n", in: timings) ?? 0
            self.init(
                promptComputed: computed,
                promptCached: cached,
                generated: generated,
                promptMilliseconds: tail.number("prompt_ms", in: timings, cutAtPoint: true)
            )
            return
        }
        guard let usage = objects.usage else { return nil }
        // What was found in the cache is part of the prompt in OpenAI's words, and stands beside it in Anthropic's. The
        // former's `/v1/responses` and the latter call both numbers alike.
        if let output = tail.number("output_tokens", in: usage) {
            if let input = tail.number("input_tokens", in: usage) {
                let beside = tail.number("cache_read_input_tokens", in: usage)
                let within = beside == nil ? min(input, tail.number("cached_tokens", in: usage) ?? 0) : 0
                self.init(promptComputed: input - within, promptCached: beside ?? within, generated: output)
            } else if let start {
                self.init(promptComputed: start.promptComputed, promptCached: start.promptCached, generated: output)
            } else {
                return nil
            }
        } else if let prompt = tail.number("prompt_tokens", in: usage) {
            let cached = min(prompt, tail.number("cached_tokens", in: usage) ?? 0)
            let generated = tail.number("completion_tokens", in: usage) ?? 0
            self.init(promptComputed: prompt - cached, promptCached: cached, generated: generated)
        } else {
            return nil
        }
    }
}

// Hot path: runs at the end of every answer. Byte by byte and name by name it was a third of a small request's
// instructions; now braces are looked for, of which a kilobyte of an answer holds few, and nothing is allocated.
extension Span<UInt8> {
    /// What stands within the braces of the last object of each name; nil too if it doesn't end.
    fileprivate borrowing func lastObjects() -> (timings: Range<Int>?, usage: Range<Int>?) {
        var timings: Int?
        var usage: Int?
        var offset = 0
        while let brace = index(of: UInt8(ascii: "{"), from: offset) {
            offset = brace + 1
            if precedes("\"timings\":", brace) {
                timings = offset
            } else if precedes("\"usage\":", brace) {
                usage = offset
            }
        }
        return (timings.flatMap { object(from: $0) }, usage.flatMap { object(from: $0) })
    }

    private borrowing func precedes(_ text: StaticString, _ end: Int) -> Bool {
        let start = end - text.utf8CodeUnitCount
        return start >= 0 && holds(text, at: start)
    }

    /// - Parameter start: not negative.
    private borrowing func holds(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count - start >= length else { return false }
        for index in 0..<length where self[start + index] != text.utf8Start[index] { return false }
        return true
    }

    /// - Parameter start: behind the opening brace.
    private borrowing func object(from start: Int) -> Range<Int>? {
        var offset = start
        var depth = 1
        while offset < count {
            switch self[offset] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return start..<offset }
            case UInt8(ascii: "\""):
                guard let end = index(of: UInt8(ascii: "\""), from: offset + 1) else { return nil }
                offset = end
            default: break
            }
            offset += 1
        }
        return nil
    }

    /// The whole, not negative number of that name in a flat or nested object; of several, the last one.
    ///
    /// - Parameter cutAtPoint: whether what is behind a decimal point is left out, instead of the whole number.
    fileprivate borrowing func number(
        _ name: StaticString,
        in object: Range<Int>,
        cutAtPoint: Bool = false
    ) -> Int? {
        var number: Int?
        var offset = object.lowerBound
        while let quote = index(of: UInt8(ascii: "\""), from: offset), quote < object.upperBound,
            let end = index(of: UInt8(ascii: "\""), from: quote + 1)
        {
            offset = end + 1
            guard end - quote - 1 == name.utf8CodeUnitCount, holds(name, at: quote + 1),
                offset < object.upperBound, self[offset] == UInt8(ascii: ":")
            else { continue }
            number = wholeNumber(from: offset + 1, cutAtPoint) ?? number
        }
        return number
    }

    /// Fractions and what is larger than any count of tokens are no counts.
    private borrowing func wholeNumber(from start: Int, _ cutAtPoint: Bool) -> Int? {
        var number = 0
        var index = start
        while index < count, index - start < 12, UInt8(ascii: "0")...UInt8(ascii: "9") ~= self[index] {
            number = number * 10 + Int(self[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, index < count else { return nil }
        switch self[index] {
        case UInt8(ascii: ","), UInt8(ascii: "}"): return number
        case UInt8(ascii: "."): return cutAtPoint ? number : nil
        default: return nil
        }
    }
}
