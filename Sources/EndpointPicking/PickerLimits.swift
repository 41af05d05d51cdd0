import NIOCore
import NIOHTTP2

/// What an Envoy may have of a connection. Each of its clients' requests is a stream for as long as it lasts.
enum PickerLimits {
    /// In bytes, what an Envoy may send of one body, and of all together, before some of it is used.
    private static let window = (stream: 1 << 20, connection: 16 << 20)
    /// In bytes, of a message that tells no body: more than an Envoy takes of a head, and than its message has besides.
    static let longestHead = 1 << 20
    /// At one time. As many as an Envoy may have by what `paddler envoy-config` prints.
    private static let streams = 100_000
    /// Of streams that clients' leaving resets, and of those that are malformed. NIO makes room for so many beforehand.
    private static let resets = (count: 20_000, within: TimeAmount.seconds(1))
    /// Of pings above all: an Envoy sends some in a second at most.
    private static let controlFrames = (count: 1000, within: TimeAmount.seconds(30))
    /// Of malformed streams, over the whole life of a connection, which may be months.
    private static let glitches = 1_000_000

    static var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            // An Envoy takes heads of 60 KiB from its clients, unless it is told otherwise; what it tells of them is in messages.
            HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
            HTTP2Setting(parameter: .initialWindowSize, value: window.stream),
        ]
        configuration.targetWindowSize = window.connection
        configuration.maximumRecentlyResetStreams = 10_000
        configuration.maximumConnectionGlitches = glitches
        configuration.controlFrameRateLimit.maximumCount = controlFrames.count
        configuration.controlFrameRateLimit.windowLength = controlFrames.within
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = window.stream
        configuration.outboundBufferSizeHighWatermark = 256 << 10
        configuration.outboundBufferSizeLowWatermark = 64 << 10
        configuration.streamResetFrameRateLimit.maximumCount = resets.count
        configuration.streamResetFrameRateLimit.windowLength = resets.within
        configuration.streamErrorRateLimit.maximumCount = resets.count
        configuration.streamErrorRateLimit.windowLength = resets.within
        return configuration
    }
}
