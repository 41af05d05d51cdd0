import NIOCore
import NIOHTTP2

/// What an Envoy may have of a connection. Each of its clients' requests is a stream for as long as it lasts.
enum PickerLimits {
    /// In bytes, what an Envoy may send of one body, and of all together, before some of it is used.
    private static let window = (stream: 1 << 20, connection: 16 << 20)
    /// Of streams that clients' leaving resets, and of pings: more than there ever are.
    private static let often = 1_000_000

    static var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Int(Int32.max)),
            // An Envoy takes heads of 60 KiB from its clients, unless it is told otherwise; what it tells of them is in messages.
            HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
            HTTP2Setting(parameter: .initialWindowSize, value: window.stream),
        ]
        configuration.targetWindowSize = window.connection
        configuration.maximumRecentlyResetStreams = 10_000
        configuration.maximumConnectionGlitches = often
        configuration.controlFrameRateLimit.maximumCount = often
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = window.stream
        configuration.outboundBufferSizeHighWatermark = 256 << 10
        configuration.outboundBufferSizeLowWatermark = 64 << 10
        configuration.streamResetFrameRateLimit.maximumCount = often
        configuration.streamErrorRateLimit.maximumCount = often
        return configuration
    }
}
