import ArgumentParser

/// Behaves like a llama-server towards its clients, without a model: exact timing, faults on demand, counts.
///
/// For tests and benchmarks. Everything one request can ask for is in ``Script``, everything that can go wrong in
/// ``FaultKind``, everything that is counted in ``Counts``.
@main
struct FakeLlamaServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "FakeLlamaServer",
        abstract: "A llama-server without a model, with exact timing, faults on demand, and counts.",
        discussion: """
            The first line on stdout is "listening on 127.0.0.1:PORT", the second "control on 127.0.0.1:PORT". Each \
            port serves everything; the second stays open while the fault "refuse" has closed the first, and what it \
            carries isn't counted.

            A request on a slot's endpoint is scripted by headers: X-Fake-Tokens, X-Fake-Token-Delay-Ms, \
            X-Fake-Delay-Ms (before the head), X-Fake-Answer-Bytes, X-Fake-Event-Bytes, X-Fake-Status, X-Fake-Fault, \
            X-Fake-After-Tokens (where a fault in mid-stream strikes), X-Fake-Echo (answers the request's raw head \
            and its body), X-Fake-Close (answers with Connection: close). "stream": true in the body asks for events.

            Control: GET /fake/counts, GET /fake/journal, POST /fake/reset, POST /fake/fault {"kind": ..., \
            "count": ..., "path": ..., "after_tokens": ...}, DELETE /fake/fault, GET or POST /fake/echo.

            Faults: \(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")).
            """
    )

    @OptionGroup var options: ServerOptions

    func validate() throws {
        try options.check()
    }

    func run() throws {
        try Server(options: options).run()
    }
}
