import NIOCore

extension ChannelHandlerContext {
    /// Whether the system has yet to take some of what was written, flushed or not. True when that is all lost.
    var hasUnsentBytes: Bool {
        guard let options = channel.syncOptions else { return true }
        return (try? options.getOption(.bufferedWritableBytes)) != 0
    }
}
