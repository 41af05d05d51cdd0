internal import NIOCore

/// `HttpHeaders` and `HttpTrailers`: the fields of a head, in their order.
package struct HeaderFields: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var fields: [Field] = []
    /// Whether nothing follows: no body, and no trailers.
    package private(set) var endsStream = false

    package init(_ fields: [Field], endsStream: Bool) {
        self.fields = fields
        self.endsStream = endsStream
    }

    /// - Parameter name: in lower case, as Envoy writes all of them.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    init(_ message: ByteBuffer) throws(MalformedProtobuf) {
        var reader = ProtobufReader(message)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: try addAll(of: value.message)
            case 3: endsStream = value.bool
            default: break
            }
        }
    }

    /// `HeaderMap`
    private mutating func addAll(of message: ByteBuffer) throws(MalformedProtobuf) {
        var reader = ProtobufReader(message)
        while let (field, value) = try reader.next() {
            if field == 1 { fields.append(try Self.field(value.message)) }
        }
    }

    /// `HeaderValue`. Envoy says the value as bytes; as text it did before 1.28.
    private static func field(_ message: ByteBuffer) throws(MalformedProtobuf) -> Field {
        var reader = ProtobufReader(message)
        var (name, text, raw) = ("", "", "")
        while let (field, value) = try reader.next() {
            switch field {
            case 1: name = value.text
            case 2: text = value.text
            case 3: raw = value.text
            default: break
            }
        }
        return Field(name, raw.isEmpty ? text : raw)
    }
}
