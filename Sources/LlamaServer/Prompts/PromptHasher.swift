// Hot: the whole text of every long prompt passes through here.

/// Makes a ``PromptTrail`` of the values of a request's body, in the order in which they are given.
struct PromptHasher {
    private(set) var hashes: [UInt64] = []
    /// How many bytes were hashed since ``begin()``.
    private(set) var position = 0
    /// How many of these are images and sounds: long strings that look like base64.
    private(set) var mediaBytes = 0
    private var state: UInt64
    private var longStrings: LongStrings
    /// What is in front of the prompt counts for the hashes, but not for the positions.
    private var nextCut = Int.max
    /// How many more bytes of the body are read. Empty strings and brackets add nothing to the hashed text, and a body full
    /// of them must not keep an event loop from all else.
    private var unread = 2 << 20

    /// Odd, and half of their bits set: the fractions of the square roots of 2, 3, 5 and 11.
    private static let factors: (UInt64, UInt64, UInt64, UInt64) = (
        0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0x510E_527F_ADE6_82D1
    )

    /// - Parameter longStrings: of the body whose values will be added.
    init(seed: UInt64, longStrings: LongStrings = LongStrings()) {
        state = seed
        self.longStrings = longStrings
    }

    /// Of all that was added.
    var end: UInt64 { state }

    private var isFull: Bool { hashes.count == PromptTrail.mostHashes }

    /// From here on positions count.
    mutating func begin() {
        position = 0
        nextCut = PromptTrail.position(of: 0)
        hashes.reserveCapacity(16)
    }

    /// One value, followed by a separator.
    mutating func add(_ bytes: borrowing Span<UInt8>) {
        var from = 0
        while !isFull, position + bytes.count - from >= nextCut {
            let end = from + nextCut - position
            mix(bytes.extracting(from..<end))
            position = nextCut
            from = end
            hashes.append(state)
            nextCut = isFull ? .max : PromptTrail.position(of: hashes.count)
        }
        guard !isFull else { return }
        if from < bytes.count {
            mix(bytes.extracting(from...))
            position += bytes.count - from
        }
        state = Self.fold(state ^ Self.factors.2, Self.factors.1)
    }

    private mutating func mix(_ bytes: borrowing Span<UInt8>) {
        let raw = bytes.bytes
        let count = raw.byteCount
        var offset = 0
        var mixed = state ^ UInt64(truncatingIfNeeded: count)
        if count >= 64 {
            // Four that don't wait for each other.
            var lanes = (mixed, mixed, mixed, mixed)
            while count &- offset >= 64 {
                lanes.0 = Self.fold(raw, offset, Self.factors.0, lanes.0)
                lanes.1 = Self.fold(raw, offset &+ 16, Self.factors.1, lanes.1)
                lanes.2 = Self.fold(raw, offset &+ 32, Self.factors.2, lanes.2)
                lanes.3 = Self.fold(raw, offset &+ 48, Self.factors.3, lanes.3)
                offset &+= 64
            }
            lanes.0 = Self.fold(lanes.0 ^ Self.factors.0, lanes.1 ^ Self.factors.2)
            lanes.2 = Self.fold(lanes.2 ^ Self.factors.1, lanes.3 ^ Self.factors.3)
            mixed = Self.fold(lanes.0 ^ Self.factors.0, lanes.2 ^ Self.factors.2)
        }
        while count &- offset >= 16 {
            mixed = Self.fold(raw, offset, Self.factors.0, mixed)
            offset &+= 16
        }
        guard offset < count else {
            state = Self.fold(Self.factors.1, mixed)
            return
        }
        if count >= 16 {
            // The last 16, some of which were there before.
            state = Self.fold(raw, count &- 16, Self.factors.1, mixed)
            return
        }
        var rest: (UInt64, UInt64) = (0, 0)
        while offset < count {
            rest.1 = rest.1 << 8 | rest.0 >> 56
            rest.0 = rest.0 << 8 | UInt64(raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        state = Self.fold(rest.0 ^ Self.factors.1, rest.1 ^ mixed)
    }

    /// 16 bytes.
    @inline(__always)
    private static func fold(_ raw: borrowing RawSpan, _ offset: Int, _ factor: UInt64, _ mixed: UInt64) -> UInt64 {
        fold(word(raw, offset) ^ factor, word(raw, offset &+ 8) ^ mixed)
    }

    private static func word(_ raw: borrowing RawSpan, _ offset: Int) -> UInt64 {
        raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    private static func fold(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    // MARK: - JSON

    /// The strings, numbers and literals in the value that begins at `start`, or in front of which there is space.
    mutating func addValue(_ body: borrowing Span<UInt8>, at start: Int) {
        var nesting = Nesting()
        var offset = start
        let end = min(body.count, start + unread)
        defer { unread = max(0, unread - (offset - start)) }
        while offset < end, !isFull {
            let byte = body[offset]
            switch byte {
            case UInt8(ascii: "\""):
                guard let quote = longStrings.end(of: offset + 1) ?? body.closingQuote(from: offset + 1) else { return }
                let text = body.extracting((offset + 1)..<quote)
                offset = quote + 1
                if nesting.expectsName {
                    nesting.expectsName = false
                    if Self.isIgnored(text) { offset = body.endOfValue(behind: offset) }
                } else {
                    if text.count >= Self.shortestMedia, text.isLikeBase64 { mediaBytes += text.count }
                    if !text.begins(with: "x-anthropic-billing-header:") { add(text) }
                    if nesting.depth == 0 { return }
                }
            case UInt8(ascii: "{"):
                guard nesting.open(isObject: true) else { return }
                offset += 1
            case UInt8(ascii: "["):
                guard nesting.open(isObject: false) else { return }
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                nesting.close()
                if nesting.depth <= 0 { return }
                offset += 1
            case UInt8(ascii: ","):
                if nesting.depth == 0 { return }
                nesting.next()
                offset += 1
            case UInt8(ascii: ":"):
                offset += 1
            case let space where space.isJSONSpace:
                offset += 1
            default:
                let end = body.endOfLiteral(from: offset)
                add(body.extracting(offset..<end))
                offset = end
                if nesting.depth == 0 { return }
            }
        }
    }

    private static let shortestMedia = 1024

    /// What clients change from turn to turn, and no template renders.
    private static func isIgnored(_ name: borrowing Span<UInt8>) -> Bool {
        switch name.count {
        case 2: name.equals("id")
        case 4: name.equals("type")
        case 6: name.equals("status")
        case 7: name.equals("call_id")
        case 8: name.equals("logprobs")
        case 9: name.equals("signature")
        case 11: name.equals("annotations")
        case 13: name.equals("cache_control")
        default: false
        }
    }
}

/// Where in nested objects and lists one is, 64 deep at most.
private struct Nesting {
    private(set) var depth = 0
    var expectsName = false
    /// Bit n: whether what is open at depth n is an object.
    private var objects: UInt64 = 0

    mutating func open(isObject: Bool) -> Bool {
        guard depth < 64 else { return false }
        objects = isObject ? objects | 1 << depth : objects & ~(1 << depth)
        depth += 1
        expectsName = isObject
        return true
    }

    mutating func close() {
        depth -= 1
        expectsName = false
    }

    mutating func next() {
        expectsName = objects & 1 << (depth - 1) != 0
    }
}

extension UInt8 {
    /// Of either alphabet, RFC 4648 4 and 5, or the backslash that JSON puts in front of a slash.
    fileprivate var isOfBase64: Bool {
        let bits = self < 64 ? Self.base64.low : self < 128 ? Self.base64.high : 0
        return bits >> UInt64(self & 63) & 1 == 1
    }

    /// A bit for each character: `+`, `-`, `/` and digits; letters, `\` and `_`.
    private static let base64: (low: UInt64, high: UInt64) = (0x03FF_A800_0000_0000, 0x07FF_FFFE_97FF_FFFE)
}

extension Span<UInt8> {
    /// Whether it begins as base64 does, with or without the scheme of a `data` URL in front: no text goes on for so long
    /// without a space.
    fileprivate var isLikeBase64: Bool {
        for offset in (begins(with: "data:") ? 64 : 0)..<256 where !self[offset].isOfBase64 { return false }
        return true
    }

    fileprivate borrowing func endOfLiteral(from start: Int) -> Int {
        var offset = start + 1
        while offset < count {
            switch self[offset] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "\""):
                return offset
            case let byte where byte.isJSONSpace: return offset
            default: offset += 1
            }
        }
        return count
    }

    /// Where the value ends that follows a colon.
    fileprivate borrowing func endOfValue(behind start: Int) -> Int {
        var offset = start
        var depth = 0
        while offset < count {
            switch self[offset] {
            case UInt8(ascii: "\""):
                guard let quote = closingQuote(from: offset + 1) else { return count }
                offset = quote
                if depth == 0 { return offset + 1 }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // It ends what is around the value.
                guard depth > 0 else { return offset }
                depth -= 1
                if depth == 0 { return offset + 1 }
            case UInt8(ascii: ","):
                if depth == 0 { return offset }
            default:
                break
            }
            offset += 1
        }
        return count
    }
}
