/// Bytes that are no message in protobuf's wire format, or not the message that they should be.
package enum MalformedProtobuf: Error, Equatable, Sendable {
    /// A field, or the length of one, goes beyond the end.
    case truncated
    /// A number of more than ten bytes.
    case number
    /// A field without a number, or of a kind that is none: groups are none here.
    case tag
}
