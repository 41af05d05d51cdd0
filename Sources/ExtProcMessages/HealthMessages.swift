package import NIOCore

/// `grpc.health.v1`: who asks whether a service is served, and the answer.
package enum HealthMessages {
    /// - Returns: the service's name in a `HealthCheckRequest`; empty for the server as a whole.
    package static func service(in request: ByteBuffer) throws(MalformedProtobuf) -> String {
        var reader = ProtobufReader(request)
        var name = ""
        while let (field, value) = try reader.next() {
            if field == 1 { name = value.text }
        }
        return name
    }

    /// `HealthCheckResponse`: SERVING or NOT_SERVING.
    package static func response(isServing: Bool) -> ByteBuffer {
        var writer = ProtobufWriter()
        writer.write(1, number: isServing ? 1 : 2)
        return writer.bytes
    }
}
