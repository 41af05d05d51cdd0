import ArgumentParser
import NIOCore

/// The server's flags; their defaults are what a request without a script gets.
struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen on: 127.0.0.1, or another of this machine's own.")
    var address = "127.0.0.1"

    @Option(help: "The port; 0 lets the system choose.")
    var port = 0

    @Option(help: "The control port on 127.0.0.1; 0 lets the system choose.")
    var controlPort = 0

    @Option(help: "How many slots there are; more requests wait, first come first served.")
    var slots = 4

    @Option(help: "Event loops.")
    var threads = 1

    @Option(help: "The value of X-Fake-Server in each answer. (default: fake-PORT)")
    var name: String?

    @Option(help: "Tokens in an answer: one event each in a stream.")
    var tokens = 10

    @Option(help: "The time each token takes, such as 20ms, 1.5s or 250us.")
    var tokenDelay = TimeSpan(.milliseconds(20))

    @Option(help: "The time before an answer's head.")
    var delay = TimeSpan(.zero)

    @Option(help: "The size of one event of a stream, without its chunk's framing.")
    var eventBytes = 200

    @Option(help: "The size of the body of an answer that isn't a stream.")
    var answerBytes = 1000

    @Option(help: "Closes connections that were idle for so long; llama-server: 5s; 0 is never.")
    var keepAliveIdle = TimeSpan(.zero)

    @Option(help: "Answers the Nth request of a connection with Connection: close; llama-server: 100; 0 is never.")
    var keepAliveRequests = 0

    @Option(
        help:
            "Closes a connection so long after each stream, without a word of it before; llama-server: 0s. Nothing more is read."
    )
    var closeAfterStreams: TimeSpan?

    @Option(help: "The key that all paths but /health and /fake want.")
    var apiKey: String?

    @Option(help: "What /props and /v1/models call the model.")
    var model = "fake"

    @Option(help: "What it says it was started for: completions, embeddings or reranking.")
    var role: String?

    @Option(help: "Tokens per slot, as /props and /slots have it.")
    var context = 4096

    @Flag(help: "Answers /props and /slots as a llama-server that was started without a model.")
    var routerMode = false

    @Flag(help: "An answer that isn't a stream keeps its slot to its end, though its client is gone.")
    var stickyCancel = false

    @Flag(help: "Puts the monotonic clock's nanoseconds into each event as \"t_ns\".")
    var timestamps = false

    @Flag(help: "Notes for GET /fake/journal what became of each request, by its X-Request-Id.")
    var journal = false

    @Flag(help: "Exits when stdin ends, so that nothing outlives a test run that was killed.")
    var exitWithStdin = false

    func check() throws {
        guard (0...65535).contains(port), (0...65535).contains(controlPort) else {
            throw ValidationError("A port is 0 to 65535.")
        }
        guard address.hasPrefix("127."), (try? SocketAddress(ipAddress: address, port: 0)) != nil else {
            throw ValidationError("--address is one that begins with 127: nobody else has any business here.")
        }
        guard slots > 0, slots <= 100_000 else { throw ValidationError("--slots is 1 to 100000.") }
        guard threads > 0, threads <= 64 else { throw ValidationError("--threads is 1 to 64.") }
        guard tokens >= 0, eventBytes >= 0, answerBytes >= 0, keepAliveRequests >= 0 else {
            throw ValidationError("Sizes and counts are never negative.")
        }
    }
}
