/// How large a head may get before it is refused.
public struct HeadLimits: Sendable {
    /// Bytes from the start of the message, empty lines before it included, up to and including the head's empty line.
    public var maximumBytes = 64 * 1024
    /// Field lines in one head.
    public var maximumFields = 256

    public init() {}
}
