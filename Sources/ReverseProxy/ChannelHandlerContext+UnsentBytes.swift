import NIOCore

extension ChannelHandlerContext {
    /// Whether the system has yet to take some of what was written, flushed or not. True when that is all lost.
    var hasUnsentBytes: Bool { unsentBytes != 0 }

    /// How much of it; nil when it is all lost.
    var unsentBytes: Int? {
        guard let options = channel.syncOptions else { return nil }
        return try? options.getOption(.bufferedWritableBytes)
    }
}
