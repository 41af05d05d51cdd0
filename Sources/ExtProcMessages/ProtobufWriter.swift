package import NIOCore

/// Writes a message in protobuf's wire format.
package struct ProtobufWriter: Sendable {
    package private(set) var bytes = ByteBuffer()

    package init() {}

    package mutating func write(_ field: UInt64, number: UInt64) {
        writeNumber(field << 3)
        writeNumber(number)
    }

    package mutating func write(_ field: UInt64, text: String) {
        writeNumber(field << 3 | 2)
        writeNumber(UInt64(text.utf8.count))
        bytes.writeString(text)
    }

    package mutating func write(_ field: UInt64, bytes payload: ByteBuffer) {
        writeNumber(field << 3 | 2)
        writeNumber(UInt64(payload.readableBytes))
        bytes.writeImmutableBuffer(payload)
    }

    /// A message within this one, which is there even if it is empty.
    package mutating func write(_ field: UInt64, message body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        write(field, bytes: inner.bytes)
    }

    private mutating func writeNumber(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.writeInteger(UInt8(rest))
    }
}
