import NIOCore

/// Bytes made once, with a few fields of fixed width to fill in for each use.
struct ByteTemplate: Sendable {
    private var bytes: ByteBuffer
    /// Where each field is, in the order in which they were added.
    private var fields: [Int] = []

    init() {
        bytes = ByteBuffer()
    }

    var count: Int { bytes.readableBytes }

    mutating func add(_ text: String) {
        bytes.writeString(text)
    }

    mutating func add(filler count: Int) {
        bytes.writeRepeatingByte(UInt8(ascii: "x"), count: max(0, count))
    }

    mutating func addField(width: Int) {
        fields.append(bytes.writerIndex)
        bytes.writeRepeatingByte(UInt8(ascii: " "), count: width)
    }

    mutating func add(_ other: ByteTemplate) {
        fields += other.fields.map { $0 + bytes.writerIndex }
        bytes.writeImmutableBuffer(other.bytes)
    }

    /// - Parameter fill: writes each field into the copy.
    func copy(_ allocator: ByteBufferAllocator, fill: (inout Filling) -> Void) -> ByteBuffer {
        var copy = allocator.buffer(capacity: count)
        copy.writeImmutableBuffer(bytes)
        guard !fields.isEmpty else { return copy }
        let fields = fields
        copy.withUnsafeMutableReadableBytes { bytes in
            var filling = Filling(bytes: bytes, fields: fields)
            fill(&filling)
        }
        return copy
    }

    struct Filling {
        fileprivate let bytes: UnsafeMutableRawBufferPointer
        fileprivate let fields: [Int]

        /// In decimal, aligned right; JSON allows the spaces before it.
        func decimal(_ field: Int, _ value: Int, width: Int, padding: UInt8 = UInt8(ascii: " ")) {
            var value = value
            for place in stride(from: width - 1, through: 0, by: -1) {
                let isPadding = value == 0 && place != width - 1
                bytes[fields[field] + place] = isPadding ? padding : UInt8(ascii: "0") + UInt8(value % 10)
                value /= 10
            }
        }

        func hexadecimal(_ field: Int, _ value: UInt64) {
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64((15 - place) * 4)) & 0xf
                bytes[fields[field] + place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
        }
    }
}
