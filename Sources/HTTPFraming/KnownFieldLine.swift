/// Where a known field stands in the bytes that were parsed.
public struct KnownFieldLine: Sendable {
    public let field: KnownField
    /// The whole line with its CRLF.
    public let line: Range<Int>
    /// The value without the whitespace around it; may be empty.
    public let value: Range<Int>
}
