import ArgumentParser
import Balancer

/// How many requests wait, how long, and what they may hold.
struct LimitOptions: ParsableArguments {
    @Option(
        name: .customLong("max-buffered-requests"),
        help: ArgumentHelp("How many requests may wait for a slot; 0 lets none wait.", valueName: "count")
    )
    var maximumQueued = 1024

    @Option(
        name: .customLong("buffered-request-timeout"),
        help: ArgumentHelp(
            "How long a request waits for a slot at most; a running answer is never cut. (default: 60s)",
            valueName: "duration"
        ),
        transform: DurationFlag.init(parsing:)
    )
    var queueTimeout = DurationFlag(.seconds(60))

    @Option(
        name: .customLong("max-request-body"),
        help: ArgumentHelp(
            "The largest request body; larger ones are answered 413. (default: 64MiB)",
            valueName: "size"
        ),
        transform: ByteCountFlag.init(parsing:)
    )
    var maximumBody = ByteCountFlag(bytes: 64 << 20)

    @Option(
        name: .customLong("max-buffered-bytes"),
        help: ArgumentHelp(
            "The most bytes of request bodies held at one time; requests beyond are answered 429. (default: 512MiB)",
            valueName: "size"
        ),
        transform: ByteCountFlag.init(parsing:)
    )
    var maximumBuffered = ByteCountFlag(bytes: 512 << 20)

    @Option(help: ArgumentHelp("Threads of the reverse proxy. (default: one for each core)", valueName: "count"))
    var threads: Int?

    func apply(to configuration: inout BalancerConfiguration) throws(FlagValueError) {
        guard maximumQueued >= 0 else {
            throw FlagValueError("--max-buffered-requests must not be negative; 0 lets no request wait")
        }
        guard queueTimeout.duration > .zero else {
            throw FlagValueError(
                "--buffered-request-timeout must be more than 0; --max-buffered-requests 0 lets none wait"
            )
        }
        guard maximumBody.bytes > 0 else { throw FlagValueError("--max-request-body must be more than 0") }
        guard maximumBuffered.bytes >= maximumBody.bytes else {
            throw FlagValueError(
                "--max-buffered-bytes (\(maximumBuffered)) must not be less than --max-request-body (\(maximumBody))"
            )
        }
        if let threads, !(1...1024).contains(threads) {
            throw FlagValueError("--threads must be from 1 to 1024")
        }
        configuration.maximumQueued = maximumQueued
        configuration.queueTimeout = queueTimeout.duration
        configuration.maximumBodyBytes = maximumBody.bytes
        configuration.maximumBufferedBytes = maximumBuffered.bytes
        configuration.threads = threads
    }
}
