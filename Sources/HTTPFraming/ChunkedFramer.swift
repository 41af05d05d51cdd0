// Hot: runs for every byte of a chunk's framing, though not for those of its data.

/// The chunked transfer coding, RFC 9112 7.1, byte by byte.
struct ChunkedFramer: Sendable {
    /// 2^60: no body comes near it, and adding up can't overflow.
    static let maximumChunkSize: Int64 = 1 << 60
    /// Leading zeros are legal; a megabyte of them isn't.
    static let maximumSizeDigits = 16
    /// Bytes of all the extensions of a body. RFC 9112 7.1.1 asks for a limit: they have been used to make a server
    /// read for ever.
    static let maximumExtensionBytes = 16 * 1024
    /// Bytes of all trailer lines of a body.
    static let maximumTrailerBytes = 16 * 1024

    private enum State {
        case size, sizeLineFeed
        case extensionName, extensionValueStart, extensionValue
        case quotedValue, quotedPair, quotedValueEnd
        case data, dataCarriageReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed
        case lastLineFeed, complete
    }

    private var state = State.size
    private var sizeDigits = 0
    /// While in `size`: the number read so far. In `data`: what is to come. 0 behind a chunk.
    private var remaining: Int64 = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerName = TrailerName()
    /// Whether the name of the extension has a character yet.
    private var hasCharacters = false

    var isBetweenChunks: Bool {
        state == .size && sizeDigits == 0
    }

    mutating func next(_ bytes: Span<UInt8>, from offset: Int) throws(FramingError) -> BodyFramer.Step {
        var offset = offset
        while offset < bytes.count {
            if state == .data {
                let count = min(Int64(bytes.count &- offset), remaining)
                remaining &-= count
                if remaining == 0 { state = .dataCarriageReturn }
                return .data(offset..<offset &+ Int(count))
            }
            try take(bytes[offset])
            offset &+= 1
            if state == .complete { return .end(offset) }
        }
        return .needMore
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) throws(FramingError) {
        switch state {
        case .size:
            try takeSize(byte)
        case .sizeLineFeed:
            guard byte == .lineFeed else { throw extensionBytes > 0 ? .invalidChunkExtension : .invalidChunkSize }
            state = remaining > 0 ? .data : .trailerStart
        case .extensionName, .extensionValueStart, .extensionValue, .quotedValue, .quotedPair, .quotedValueEnd:
            try takeExtension(byte)
        case .dataCarriageReturn:
            guard byte == .carriageReturn else { throw .missingChunkEnd }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else { throw .missingChunkEnd }
            state = .size
            sizeDigits = 0
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            try takeTrailer(byte)
        case .lastLineFeed:
            guard byte == .lineFeed else { throw .invalidTrailer }
            state = .complete
        case .data, .complete:
            break
        }
    }

    @inline(__always)
    private mutating func takeSize(_ byte: UInt8) throws(FramingError) {
        if let digit = byte.hexValue {
            sizeDigits &+= 1
            // Looked at before each shift, so that none loses a bit or makes the number negative.
            guard sizeDigits <= Self.maximumSizeDigits, remaining <= Self.maximumChunkSize &>> 4 else {
                throw .chunkTooLarge
            }
            remaining = remaining &<< 4 | Int64(digit)
            guard remaining <= Self.maximumChunkSize else { throw .chunkTooLarge }
            return
        }
        // No whitespace around the size: RFC 9112 7.1 has none, and others read "1 0" in several ways.
        guard sizeDigits > 0 else { throw .invalidChunkSize }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"): startExtension()
        default: throw .invalidChunkSize
        }
    }

    private mutating func startExtension() {
        state = .extensionName
        hasCharacters = false
    }

    /// `*( ";" token [ "=" ( token / quoted-string ) ] )`, RFC 9112 7.1.1, without the "bad" whitespace that it lets a
    /// recipient take.
    private mutating func takeExtension(_ byte: UInt8) throws(FramingError) {
        extensionBytes &+= 1
        guard extensionBytes <= Self.maximumExtensionBytes else { throw .chunkExtensionsTooLarge }
        switch state {
        case .quotedValue:
            if byte == UInt8(ascii: "\"") {
                state = .quotedValueEnd
            } else if byte == UInt8(ascii: "\\") {
                state = .quotedPair
            } else if byte.isForbiddenInLine {
                throw .invalidChunkExtension
            }
            return
        case .quotedPair:
            guard !byte.isForbiddenInLine else { throw .invalidChunkExtension }
            state = .quotedValue
            return
        case .extensionValueStart where byte == UInt8(ascii: "\""):
            state = .quotedValue
            return
        case .extensionName where byte.isToken, .extensionValue where byte.isToken:
            hasCharacters = true
            return
        case .extensionValueStart where byte.isToken:
            state = .extensionValue
            return
        case .extensionName where byte == UInt8(ascii: "=") && hasCharacters:
            state = .extensionValueStart
            return
        default:
            break
        }
        // What is left can only end this extension.
        guard state != .extensionValueStart, hasCharacters else { throw .invalidChunkExtension }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"): startExtension()
        default: throw .invalidChunkExtension
        }
    }

    /// Field lines like those of a head.
    private mutating func takeTrailer(_ byte: UInt8) throws(FramingError) {
        trailerBytes &+= 1
        guard trailerBytes <= Self.maximumTrailerBytes else { throw .trailersTooLarge }
        switch state {
        case .trailerStart where byte == .carriageReturn:
            state = .lastLineFeed
        case .trailerStart where byte.isToken:
            trailerName = TrailerName()
            trailerName.take(byte)
            state = .trailerName
        case .trailerName where byte == UInt8(ascii: ":"):
            guard !trailerName.isForbidden else { throw .forbiddenTrailer }
            state = .trailerValue
        case .trailerName where byte.isToken:
            trailerName.take(byte)
        case .trailerValue where byte == .carriageReturn:
            state = .trailerLineFeed
        case .trailerValue where !byte.isForbiddenInLine:
            break
        case .trailerLineFeed where byte == .lineFeed:
            state = .trailerStart
        default:
            throw .invalidTrailer
        }
    }
}
