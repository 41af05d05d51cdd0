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
        if let timings = objects.timings.map({ tail.counts(in: $0) }), let computed = timings.computed,
            let generated = timings.predicted
        {
            self.init(
                promptComputed: computed,
                promptCached: timings.cache ?? 0,
                generated: generated,
                promptMilliseconds: timings.promptMilliseconds
            )
            return
        }
        guard let usage = objects.usage.map({ tail.counts(in: $0) }) else { return nil }
        // What was found in the cache is part of the prompt in OpenAI's words, and stands beside it in Anthropic's. The
        // former's `/v1/responses` and the latter call both numbers alike.
        if let output = usage.output {
            if let input = usage.input {
                let within = usage.cacheRead == nil ? min(input, usage.cached ?? 0) : 0
                self.init(promptComputed: input - within, promptCached: usage.cacheRead ?? within, generated: output)
            } else if let start {
                self.init(promptComputed: start.promptComputed, promptCached: start.promptCached, generated: output)
            } else {
                return nil
            }
        } else if let prompt = usage.prompt {
            let cached = min(prompt, usage.cached ?? 0)
            self.init(promptComputed: prompt - cached, promptCached: cached, generated: usage.completion ?? 0)
        } else {
            return nil
        }
    }
}

/// The numbers in one of these objects, or in those within it; of several by one name, the last one.
private struct ReportedCounts {
    // Of `timings`.
    var computed: Int?
    var cache: Int?
    var predicted: Int?
    var promptMilliseconds: Int?
    // Of `usage`, in one dialect or another.
    var prompt: Int?
    var completion: Int?
    var cached: Int?
    var input: Int?
    var output: Int?
    var cacheRead: Int?
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

    /// One walk over the names within, from quote to quote.
    fileprivate borrowing func counts(in object: Range<Int>) -> ReportedCounts {
        var counts = ReportedCounts()
        var offset = object.lowerBound
        while let quote = index(of: UInt8(ascii: "\""), from: offset), quote < object.upperBound,
            let end = index(of: UInt8(ascii: "\""), from: quote + 1)
        {
            offset = end + 1
            guard offset < object.upperBound, self[offset] == UInt8(ascii: ":") else { continue }
            note(quote + 1..<end, &counts)
        }
        return counts
    }

    /// - Parameter name: with a closing quote and a colon behind it.
    private borrowing func note(_ name: Range<Int>, _ counts: inout ReportedCounts) {
        let start = name.upperBound + 2
        switch name.count {
        case 7: if holds("cache_n", at: name.lowerBound) { count(at: start, &counts.cache) }
        case 8: if holds("prompt_n", at: name.lowerBound) { count(at: start, &counts.computed) }
        case 9:
            if holds("prompt_ms", at: name.lowerBound) {
                count(at: start, cutAtPoint: true, &counts.promptMilliseconds)
            }
        case 11: if holds("predicted_n", at: name.lowerBound) { count(at: start, &counts.predicted) }
        case 12: if holds("input_tokens", at: name.lowerBound) { count(at: start, &counts.input) }
        case 13:
            if holds("prompt_tokens", at: name.lowerBound) {
                count(at: start, &counts.prompt)
            } else if holds("cached_tokens", at: name.lowerBound) {
                count(at: start, &counts.cached)
            } else if holds("output_tokens", at: name.lowerBound) {
                count(at: start, &counts.output)
            }
        case 17: if holds("completion_tokens", at: name.lowerBound) { count(at: start, &counts.completion) }
        case 23: if holds("cache_read_input_tokens", at: name.lowerBound) { count(at: start, &counts.cacheRead) }
        default: break
        }
    }

    /// What is no count changes nothing.
    private borrowing func count(at start: Int, cutAtPoint: Bool = false, _ count: inout Int?) {
        if let number = wholeNumber(from: start, cutAtPoint) { count = number }
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
