import NIOCore

/// An answer of our own to a client that can't be reached until Envoy comes again.
final class KeptAnswer {
    var bytes = ByteBuffer()
}
