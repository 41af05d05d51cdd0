import ArgumentParser
import ManagementClient
import TerminalDashboard

struct ExplainCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell which server a request would get now, and why.",
        discussion: """
            The request's body is read from a file or from standard input. The balancer looks at it as if a client \
            had sent it, and sends it nowhere:
              paddler explain request.json
              echo '{"prompt":"Hello"}' | paddler explain --path /completion
            """
    )

    @Argument(help: ArgumentHelp("The request's body, JSON; without it, standard input.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("Where the request would be sent.", valueName: "path"))
    var path = "/v1/chat/completions"

    @Option(help: ArgumentHelp("The session that it belongs to, as in X-Session-Id.", valueName: "name"))
    var session: String?

    @Option(help: ArgumentHelp("The server that it means, as in X-Paddler-Agent.", valueName: "name"))
    var agent: String?

    @Option(help: ArgumentHelp("The tenant that it is from, by its name in --tenants-file.", valueName: "name"))
    var tenant: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp("The class that it asks for, as in X-Paddler-Class.", valueName: "name")
    )
    var requestedClass: String?

    @Option(help: ArgumentHelp("How many servers are listed at most, 1 to 1000.", valueName: "count"))
    var limit = 100

    @Flag(help: "Print the balancer's JSON instead of a table.")
    var json = false

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
        guard 1...1000 ~= limit else { throw FlagValueError("--limit: \(limit) is not a number from 1 to 1000") }
        guard path.hasPrefix("/") else { throw FlagValueError("--path: '\(path)' does not begin with a slash") }
        for (flag, value) in [("--session", session), ("--agent", agent), ("--class", requestedClass)] {
            guard let value, value.isEmpty || value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { continue }
            throw FlagValueError("\(flag): it is empty, or has characters that no header can have")
        }
    }

    func run() async throws {
        let request = ExplainedRequest(
            path: path,
            body: try RequestBodyInput.read(file: file),
            session: session,
            agent: agent,
            tenant: tenant,
            requestedClass: requestedClass,
            limit: limit
        )
        let isJSON = json
        try await BalancerContact(settings()).use { client in
            let (json, document) = try await client.explain(request)
            guard !isJSON else { return StandardOutput.write(json + "\n".utf8) }
            let lines = ExplanationTable(document, request).lines(width: TerminalDevice.size?.width)
            StandardOutput.write(Array(lines.map { $0 + "\n" }.joined().utf8))
        }
    }
}
