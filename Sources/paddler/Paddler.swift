import ArgumentParser
import LogLines
import ProgramLife
import Supervision

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@main
struct Paddler: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paddler",
        abstract: "A stateful load balancer for fleets of llama.cpp servers.",
        discussion: """
            On one machine, one command starts everything, llama-server too:
              paddler serve -m model.gguf

            In a fleet, run one agent beside each llama-server and one balancer in front of them. Agents report how many \
            slots are idle; the balancer sends each request to a server with an idle slot and lets it wait while none is:
              llama-server --port 8088 -m model.gguf
              paddler balancer
              paddler agent
              curl http://127.0.0.1:8086/completion -d '{"prompt":"Hello"}'
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, AgentCommand.self, BalancerCommand.self, DashboardCommand.self, DrainCommand.self,
            UndrainCommand.self,
            ForgetCommand.self, ModelsCommand.self, LoadCommand.self, UnloadCommand.self, LogsCommand.self,
            ExplainCommand.self, UsageCommand.self, HealthCommand.self, KeyCommand.self, CertificateCommand.self,
            EnvoyConfigCommand.self,
        ]
    )

    /// As ArgumentParser's own, but a mistake in the flags is one line.
    static func main() async {
        NameServices.useFilesAndDNSAlone()
        ProcessGroupGuard.runIfWanted(Array(CommandLine.arguments.dropFirst()))
        if startsProcesses(CommandLine.arguments.dropFirst()) { FirstProcess.standAsideIfFirst() }
        let arguments = OldArguments.modern(Array(CommandLine.arguments.dropFirst()))
        do {
            if let complaint = CommandName.complaint(about: arguments) { throw ValidationError(complaint) }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            LogWriter.standardError.flush()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.say("error: " + inOneLine(message(for: error), CommandName.command(of: arguments)))
            exit(withError: ExitCode.validationFailure)
        }
    }

    /// An agent does if there are models, which only a flag, a file or a variable can say.
    private static func startsProcesses(_ arguments: ArraySlice<String>) -> Bool {
        switch arguments.first {
        case ServeCommand.configuration.commandName:
            true
        case AgentCommand.configuration.commandName:
            arguments.contains { $0.hasPrefix("--models") || $0.hasPrefix("--config") }
                || ["PADDLER_MODELS", "PADDLER_CONFIG"].contains { ProcessInfo.processInfo.environment[$0] != nil }
        default:
            false
        }
    }

    /// ArgumentParser writes a list of values with a line for each, and ends some of its messages like sentences.
    private static func inOneLine(_ message: String, _ command: String?) -> String {
        var line = message.replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ").replacing("\n", with: " ")
        if line.hasSuffix(".") { line.removeLast() }
        if let meant = nameOfOthers(line, command) { line += ". Did you mean '\(meant)'?" }
        if command == "serve", message.hasPrefix("Unknown option") || message.contains("unexpected argument") {
            line += ". What is llama-server's goes behind a --"
        }
        let help = command.map { "see paddler \($0) --help" } ?? "see paddler --help"
        return line + (line.hasSuffix("?") ? " S\(help.dropFirst())" : "; \(help)")
    }

    /// What we call what is `--host` and `--port` to llama-server.
    private static func nameOfOthers(_ message: String, _ command: String?) -> String? {
        guard let command else { return nil }
        return ["host", "port"].first { message == "Unknown option '--\($0)'" }.map { part in
            switch command {
            case "balancer", "serve": "--reverseproxy-\(part)"
            case "agent": "--local-llamacpp-\(part)"
            default: "--management-\(part)"
            }
        }
    }
}
