import NIOCore
import NIOHTTP2

/// What a client may have of a connection, and what it may ask of it in vain: beyond that its stream or its connection ends.
package enum HTTP2Limits {
    /// Streams at one time; one more ends the connection. All clients know of so many before they have heard our settings (RFC 9113
    /// 6.5.2 recommends no fewer), and none has more open by its own count than by ours.
    package static let streams = 100
    /// In bytes, as RFC 9113 6.5.2 counts. More than HTTP/1.1's limit for heads (64 KiB), so that what is over that is answered
    /// 431; and what HPACK makes of a few bytes (an "HPACK bomb", CVE-2016-6581) is no more than this.
    package static let headerListBytes = 128 << 10
    /// CONTINUATION frames of one header list: with frames of 16 KiB, more than the list may have (CVE-2024-27316).
    static let continuations = 8
    /// DATA frames in a row without a byte in them (CVE-2019-9518).
    static let emptyData = 16
    /// Streams that a client resets: "rapid reset" (CVE-2023-44487). An editor that completes while one types resets one for each
    /// key, and several may sit behind one proxy.
    static let resets = (count: 500, within: TimeAmount.seconds(15))
    /// PING (CVE-2019-9512), SETTINGS (CVE-2019-9515) and PRIORITY frames (CVE-2019-9513).
    static let controlFrames = (count: 200, within: TimeAmount.seconds(30))
    /// Streams that are malformed, so that we reset them, by NIO and by us: the "reset flood" (CVE-2019-9514) and "MadeYouReset"
    /// (CVE-2025-8671).
    static let streamErrors = (count: 100, within: TimeAmount.seconds(30))
    /// Over the whole life of a connection.
    static let glitches = 1000
    /// Answers to a client's frames that it doesn't take (CVE-2019-9512, CVE-2019-9515).
    static let bufferedControlFrames = 1000
    /// Streams that we have reset and whose frames may still be on their way: all that there may be, twice.
    static let recentlyReset = 2 * streams

    /// How much a client may send of one body, and of all together, before some of it is used: in bytes.
    static let window = (stream: 256 << 10, connection: 1 << 20)
    /// A connection's, until it is opened: RFC 9113 6.9.2.
    static let initialWindow = 65_535
    /// In bytes: a stream is written to until so much waits for its client, and again when so little does. As NIO's sockets.
    static let watermark = (high: 64 << 10, low: 32 << 10)

    /// What opens a window again of which at least half is used, in bytes; nil: there is enough left of it.
    ///
    /// - Parameters:
    ///   - left: what is left of it. Below zero when it was made smaller than what was sent already.
    ///   - size: what it is opened to.
    static func increment(of left: Int, to size: Int) -> Int? {
        left <= size / 2 ? min(size - left, Int(Int32.max)) : nil
    }

    static var configuration: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerListBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: window.stream),
        ]
        // What is read is checked by `RequestFields` and `RequestBody`; what is written was checked where it was read.
        configuration.connection.headerBlockValidation = .disabled
        configuration.connection.contentLengthValidation = .disabled
        configuration.connection.maximumSequentialContinuationFrames = continuations
        configuration.connection.maximumSequentialEmptyDataFrames = emptyData
        configuration.connection.maximumBufferedControlFrames = bufferedControlFrames
        configuration.connection.maximumRecentlyResetStreams = recentlyReset
        configuration.connection.maximumConnectionGlitches = glitches
        configuration.connection.controlFrameRateLimit.maximumCount = controlFrames.count
        configuration.connection.controlFrameRateLimit.windowLength = controlFrames.within
        configuration.stream.streamResetFrameRateLimit.maximumCount = resets.count
        configuration.stream.streamResetFrameRateLimit.windowLength = resets.within
        configuration.stream.streamErrorRateLimit.maximumCount = streamErrors.count
        configuration.stream.streamErrorRateLimit.windowLength = streamErrors.within
        return configuration
    }
}
