package import NIOCore

/// What Envoy is told to do: `envoy.service.ext_proc.v3.ProcessingResponse`.
package enum ProcessingResponse: Equatable, Sendable {
    /// - Parameter destination: told as dynamic metadata, too, which no client can write; nil: none is named.
    case requestHeaders(CommonResponse, destination: String?)
    case requestBody(CommonResponse, destination: String?)
    case requestTrailers
    case responseHeaders(CommonResponse)
    case responseBody(CommonResponse)
    case responseTrailers
    /// The client gets this, and nothing else.
    case immediate(ImmediateResponse)

    /// `CommonResponse`
    package struct CommonResponse: Equatable, Sendable {
        /// Fields that are set, instead of those of the same name.
        package var set: [HeaderFields.Field] = []
        /// Names of fields that are taken away.
        package var remove: [String] = []
        package var body: BodyMutation?
        /// Whether the route is looked for anew.
        package var clearsRouteCache = false

        package init() {}
    }

    /// `BodyMutation`
    package enum BodyMutation: Equatable, Sendable {
        /// In place of the one that came.
        case whole(ByteBuffer)
        /// What goes on in its place, where bodies are full duplex.
        case piece(ByteBuffer, endsStream: Bool)
    }

    /// `ImmediateResponse`
    package struct ImmediateResponse: Equatable, Sendable {
        package var status: Int
        package var fields: [HeaderFields.Field] = []
        package var body = ByteBuffer()

        package init(status: Int) {
            self.status = status
        }
    }

    /// The namespace and the name of what is told of a destination, by the endpoint picker's protocol.
    package static let namespace = "envoy.lb"
    package static let destinationField = "x-gateway-destination-endpoint"

    package var message: ByteBuffer {
        var writer = ProtobufWriter()
        switch self {
        case .requestHeaders(let response, let destination):
            writer.write(1) { $0.write(1, message: response.write) }
            if let destination { Self.write(destination, into: &writer) }
        case .responseHeaders(let response): writer.write(2) { $0.write(1, message: response.write) }
        case .requestBody(let response, let destination):
            writer.write(3) { $0.write(1, message: response.write) }
            if let destination { Self.write(destination, into: &writer) }
        case .responseBody(let response): writer.write(4) { $0.write(1, message: response.write) }
        case .requestTrailers: writer.write(5) { _ in }
        case .responseTrailers: writer.write(6) { _ in }
        case .immediate(let response): writer.write(7, message: response.write)
        }
        return writer.bytes
    }

    /// `dynamic_metadata: {"envoy.lb": {"x-gateway-destination-endpoint": ...}}`, a `Struct` in a `Struct`.
    private static func write(_ destination: String, into writer: inout ProtobufWriter) {
        writer.write(8) { outer in
            outer.write(1) { entry in
                entry.write(1, text: namespace)
                entry.write(2) { value in
                    value.write(5) { inner in
                        inner.write(1) { entry in
                            entry.write(1, text: destinationField)
                            entry.write(2) { $0.write(3, text: destination) }
                        }
                    }
                }
            }
        }
    }
}

extension ProcessingResponse.CommonResponse {
    fileprivate func write(into writer: inout ProtobufWriter) {
        if !set.isEmpty || !remove.isEmpty { writer.write(2) { $0.write(set, remove) } }
        switch body {
        case nil: break
        case .whole(let bytes): writer.write(3) { $0.write(1, bytes: bytes) }
        case .piece(let bytes, let endsStream):
            writer.write(3) { mutation in
                mutation.write(3) { piece in
                    piece.write(1, bytes: bytes)
                    if endsStream { piece.write(2, number: 1) }
                }
            }
        }
        if clearsRouteCache { writer.write(5, number: 1) }
    }
}

extension ProcessingResponse.ImmediateResponse {
    fileprivate func write(into writer: inout ProtobufWriter) {
        writer.write(1) { $0.write(1, number: UInt64(clamping: status)) }
        writer.write(2) { $0.write(fields, []) }
        writer.write(3, bytes: body)
        writer.write(5, text: "paddler")
    }
}

extension ProtobufWriter {
    /// `HeaderMutation`. What is done with a field that is there already is said, though it would be the same unsaid.
    fileprivate mutating func write(_ fields: [HeaderFields.Field], _ removed: [String]) {
        for field in fields {
            write(1) { option in
                option.write(1) { header in
                    header.write(1, text: field.name)
                    header.write(3, text: field.value)
                }
                option.write(3, number: Self.overwrite)
            }
        }
        for name in removed { write(2, text: name) }
    }

    /// `OVERWRITE_IF_EXISTS_OR_ADD`
    private static let overwrite: UInt64 = 2
}
