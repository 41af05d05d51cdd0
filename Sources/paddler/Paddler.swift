import ArgumentParser

@main
struct Paddler: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paddler",
        abstract: "A stateful load balancer for fleets of llama.cpp servers.",
        discussion: """
            Run one agent beside each llama-server and one balancer in front of them. Agents report how many slots \
            are idle; the balancer sends each request to a server with an idle slot and lets it wait while none is.

            With everything on one machine the defaults fit together:
              llama-server --port 8088 -m model.gguf
              paddler balancer
              paddler agent
              curl http://127.0.0.1:8086/completion -d '{"prompt":"Hello"}'
            """,
        version: Version.current,
        subcommands: [
            AgentCommand.self, BalancerCommand.self, DashboardCommand.self, DrainCommand.self, UndrainCommand.self,
        ]
    )

    /// As ArgumentParser's own, but a mistake in the flags is one line.
    static func main() async {
        do {
            var command = try parseAsRoot(OldArguments.modern(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write("error: " + inOneLine(message(for: error)))
            exit(withError: ExitCode.validationFailure)
        }
    }

    /// ArgumentParser writes a list of values with a line for each, and ends some of its messages like sentences.
    private static func inOneLine(_ message: String) -> String {
        var line = message.replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ").replacing("\n", with: " ")
        if line.hasSuffix(".") { line.removeLast() }
        return line + (line.hasSuffix("?") ? " See paddler --help" : "; see paddler --help")
    }
}
