/// How many slots a request takes.
public struct SlotCount: Equatable, Sendable {
    /// From 1 to ``most``.
    public var slots: Int
    /// How many of them only together: the answers to one prompt, of which llama-server gives no more than it has slots.
    public var answers: Int

    /// No llama-server has more slots.
    public static let most = 256

    public static let one = SlotCount(slots: 1, answers: 1)

    public init(slots: Int, answers: Int) {
        self.slots = slots
        self.answers = answers
    }
}

extension RequestBodyScan {
    /// `n` or `n_cmpl` answers, a list of prompts, texts or documents. A list of tokens is one prompt.
    ///
    /// - Parameters:
    ///   - body: a whole one that was scanned.
    ///   - kind: what its endpoint makes of it.
    public func slots(_ body: borrowing Span<UInt8>, kind: PromptKind) -> SlotCount {
        guard isComplete else { return .one }
        let answers =
            switch kind {
            case .chat, .completion: answers(body)
            case .messages, .responses, .infill, .embedding, .ranking: 1
            }
        let items =
            switch kind {
            case .chat, .messages, .responses, .infill: 1
            case .completion: items(body, at: promptMembers.start(of: .prompt))
            case .embedding: items(body, at: promptMembers.start(of: .input) ?? demandMembers.start(of: .content))
            case .ranking: items(body, at: demandMembers.start(of: .documents) ?? demandMembers.start(of: .texts))
            }
        return SlotCount(slots: min(answers * items, SlotCount.most), answers: answers)
    }

    /// Nearly all say nothing of the kind, and need no look at their path.
    public func mayTakeSeveral(_ body: borrowing Span<UInt8>) -> Bool {
        !demandMembers.hasNoneOfFirst || body.isList(at: promptMembers.start(of: .prompt))
            || body.isList(at: promptMembers.start(of: .input))
    }

    private func answers(_ body: borrowing Span<UInt8>) -> Int {
        let start = demandMembers.start(of: .answersByOwnName) ?? demandMembers.start(of: .answers)
        return start.map { body.smallNumber(at: $0) } ?? 1
    }

    private func items(_ body: borrowing Span<UInt8>, at start: Int?) -> Int {
        start.map { body.itemCount(at: $0) } ?? 1
    }
}

extension Span<UInt8> {
    fileprivate borrowing func isList(at start: Int?) -> Bool {
        guard let start, let first = firstNoSpace(from: start) else { return false }
        return self[first] == UInt8(ascii: "[")
    }

    /// Within a kB: more white space is written by nobody who means well.
    borrowing func firstNoSpace(from start: Int) -> Int? {
        var offset = start
        let end = Swift.min(count, start + 1024)
        while offset < end, self[offset].isJSONSpace { offset += 1 }
        return offset < end ? offset : nil
    }

    /// 1 for what is no number, or none that makes sense.
    fileprivate borrowing func smallNumber(at start: Int) -> Int {
        Swift.max(1, number(at: start, most: SlotCount.most))
    }

    /// 0 for what is no number, or a negative one; `most` for what is more.
    borrowing func number(at start: Int, most: Int) -> Int {
        guard var offset = firstNoSpace(from: start) else { return 0 }
        var number = 0
        while offset < count, number < most, UInt8(ascii: "0")...UInt8(ascii: "9") ~= self[offset] {
            number = number * 10 + Int(self[offset] - UInt8(ascii: "0"))
            offset += 1
        }
        return Swift.min(number, most)
    }

    /// How many items a list has, up to ``RequestBodyScan/mostSlots``; 1 for a list of tokens, and for what is no list.
    fileprivate borrowing func itemCount(at start: Int) -> Int {
        guard let first = firstNoSpace(from: start), self[first] == UInt8(ascii: "[") else { return 1 }
        var items = 0
        var depth = 1
        var isBehindComma = true
        var offset = first + 1
        // A long list must not keep an event loop from all else.
        let end = Swift.min(count, first + (2 << 20))
        while offset < end, depth > 0, items < SlotCount.most {
            let byte = self[offset]
            if isBehindComma, !byte.isJSONSpace, byte != UInt8(ascii: "]") {
                if UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-") { return 1 }
                items += 1
                isBehindComma = false
            }
            switch byte {
            case UInt8(ascii: "\""):
                guard let quote = closingQuote(from: offset + 1) else { return Swift.max(1, items) }
                offset = quote
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","): if depth == 1 { isBehindComma = true }
            default: break
            }
            offset += 1
        }
        return Swift.max(1, items)
    }
}
