// Hot: runs for every byte of a head.

/// Cuts a head into lines, each ending in CRLF, and refuses what may not stand in any of them.
struct LineScanner: Sendable {
    /// Where the line that is looked for starts: just behind the last one found.
    private(set) var position = 0
    /// Bytes already known to hold no end of line, so that a line that comes a byte at a time costs linear time.
    private var scanned = 0

    /// The next line without its CRLF, or nil when it isn't complete yet.
    /// - Parameters:
    ///   - limit: the most bytes that all lines together may take; known to be too few as soon as they are reached.
    ///   - excess: what to throw then.
    @inline(__always)
    mutating func next(
        in bytes: Span<UInt8>,
        limit: Int,
        excess: FramingError
    ) throws(FramingError) -> Range<Int>? {
        let end = min(bytes.count, limit)
        scanned = bytes.firstForbiddenInLine(from: scanned, to: end)
        guard scanned &+ 1 < end || (scanned < end && bytes[scanned] != .carriageReturn) else {
            guard bytes.count < limit else { throw excess }
            return nil
        }
        // RFC 9112 2.2 lets a recipient take a bare LF for the end of a line, but other parsers in the chain may not,
        // and then they disagree on where fields end. A bare CR it must refuse or replace.
        guard bytes[scanned] == .carriageReturn else {
            throw bytes[scanned] == .lineFeed ? .bareLineFeed : .controlCharacter
        }
        guard bytes[scanned &+ 1] == .lineFeed else { throw .bareCarriageReturn }
        let line = position..<scanned
        scanned &+= 2
        position = scanned
        return line
    }
}
