package import NIOCore

/// What Envoy tells of a request: `envoy.service.ext_proc.v3.ProcessingRequest`.
package struct ProcessingRequest: Equatable, Sendable {
    package enum Part: Equatable, Sendable {
        case requestHeaders(HeaderFields)
        case requestBody(ByteBuffer, endsStream: Bool)
        case requestTrailers
        case responseHeaders(HeaderFields)
        case responseBody(ByteBuffer, endsStream: Bool)
        case responseTrailers
    }

    /// `BodySendMode`, by its numbers.
    package enum BodyMode: UInt64, Sendable {
        case none, streamed, buffered, bufferedPartially, fullDuplex, grpc
    }

    /// nil: it has none that is known here.
    package var part: Part?
    /// How bodies are told. Said with the first message, unless none is told.
    package var requestBodyMode: BodyMode?
    package var responseBodyMode = BodyMode.none
    /// What Envoy itself says of the response: `response.flags`, whose bits are `%RESPONSE_FLAGS%`'s.
    package var responseFlags: UInt64 = 0
    /// `response.code_details`
    package var responseDetails = ""
    /// Whether answers aren't waited for, and change nothing.
    package var isObserved = false

    package init(_ part: Part?) {
        self.part = part
    }

    package init(_ message: ByteBuffer) throws(MalformedProtobuf) {
        var reader = ProtobufReader(message)
        while let (field, value) = try reader.next() {
            switch field {
            case 2: part = .requestHeaders(try HeaderFields(value.message))
            case 3: part = .responseHeaders(try HeaderFields(value.message))
            case 4:
                let (body, endsStream) = try Self.body(value.message)
                part = .requestBody(body, endsStream: endsStream)
            case 5:
                let (body, endsStream) = try Self.body(value.message)
                part = .responseBody(body, endsStream: endsStream)
            case 6: part = .requestTrailers
            case 7: part = .responseTrailers
            case 9: try readAttributes(value.message)
            case 10: isObserved = value.bool
            case 11: try readConfiguration(value.message)
            default: break
            }
        }
    }

    /// `HttpBody`
    private static func body(_ message: ByteBuffer) throws(MalformedProtobuf) -> (ByteBuffer, Bool) {
        var reader = ProtobufReader(message)
        var body = ByteBuffer()
        var endsStream = false
        while let (field, value) = try reader.next() {
            switch field {
            case 1: body = value.message
            case 2: endsStream = value.bool
            default: break
            }
        }
        return (body, endsStream)
    }

    /// `ProtocolConfiguration`
    private mutating func readConfiguration(_ message: ByteBuffer) throws(MalformedProtobuf) {
        requestBodyMode = BodyMode.none
        var reader = ProtobufReader(message)
        while let (field, value) = try reader.next() {
            switch field {
            // A mode that isn't known is none that can be served: as gRPC's.
            case 1: requestBodyMode = BodyMode(rawValue: value.unsigned) ?? .grpc
            case 2: responseBodyMode = BodyMode(rawValue: value.unsigned) ?? .grpc
            default: break
            }
        }
    }

    /// An entry of `map<string, Struct>`, of which there is one for each filter that asks for attributes.
    private mutating func readAttributes(_ entry: ByteBuffer) throws(MalformedProtobuf) {
        var reader = ProtobufReader(entry)
        while let (field, value) = try reader.next() {
            guard field == 2 else { continue }
            // `Struct`
            var fields = ProtobufReader(value.message)
            while let (_, entry) = try fields.next() { try readAttribute(entry.message) }
        }
    }

    /// An entry of `map<string, Value>`: a number is a double there.
    private mutating func readAttribute(_ entry: ByteBuffer) throws(MalformedProtobuf) {
        var reader = ProtobufReader(entry)
        var name = ""
        while let (field, value) = try reader.next() {
            switch field {
            case 1: name = value.text
            case 2:
                var kinds = ProtobufReader(value.message)
                while let (kind, value) = try kinds.next() {
                    switch (name, kind, value) {
                    case ("response.flags", 2, .fixed64(let bits)):
                        responseFlags = UInt64(exactly: Double(bitPattern: bits)) ?? 0
                    case ("response.code_details", 3, let value): responseDetails = value.text
                    default: break
                    }
                }
            default: break
            }
        }
    }
}
