package import NIOCore

/// Reads a message in protobuf's wire format, field by field: https://protobuf.dev/programming-guides/encoding
///
/// No byte of a field is copied. A field that a message doesn't know is passed over by whoever reads it.
package struct ProtobufReader: Sendable {
    package enum Value: Equatable, Sendable {
        /// Of a number's kind, as it is encoded: `bool` and enumerations, too.
        case number(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        /// Text, bytes or a message.
        case bytes(ByteBuffer)
    }

    private var rest: ByteBuffer

    package init(_ bytes: ByteBuffer) {
        rest = bytes
    }

    /// - Returns: nil: there are no more.
    package mutating func next() throws(MalformedProtobuf) -> (field: UInt64, value: Value)? {
        guard rest.readableBytes > 0 else { return nil }
        let tag = try number()
        guard tag >> 3 > 0 else { throw .tag }
        switch tag & 7 {
        case 0: return (tag >> 3, .number(try number()))
        case 1:
            guard let value = rest.readInteger(endianness: .little, as: UInt64.self) else { throw .truncated }
            return (tag >> 3, .fixed64(value))
        case 2:
            guard let length = Int(exactly: try number()), length <= rest.readableBytes,
                let bytes = rest.readSlice(length: length)
            else { throw .truncated }
            return (tag >> 3, .bytes(bytes))
        case 5:
            guard let value = rest.readInteger(endianness: .little, as: UInt32.self) else { throw .truncated }
            return (tag >> 3, .fixed32(value))
        default: throw .tag
        }
    }

    private mutating func number() throws(MalformedProtobuf) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.readInteger(as: UInt8.self) else { throw .truncated }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .number
    }
}

extension ProtobufReader.Value {
    /// Empty, as protobuf has it, if it is of another kind.
    var text: String {
        if case .bytes(let bytes) = self { String(buffer: bytes) } else { "" }
    }

    var message: ByteBuffer {
        if case .bytes(let bytes) = self { bytes } else { ByteBuffer() }
    }

    var unsigned: UInt64 {
        if case .number(let number) = self { number } else { 0 }
    }

    var bool: Bool { unsigned != 0 }
}
