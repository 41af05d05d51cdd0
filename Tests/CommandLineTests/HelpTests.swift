import ArgumentParser
import Testing

@testable import paddler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct HelpTests {
    /// What `--experimental-dump-help` gives, of which the documentation of the flags is made.
    private struct Dump: Decodable {
        let command: Command

        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
            let arguments: [Argument]?
        }

        struct Argument: Decodable {
            let sectionTitle: String?
            let abstract: String?
            let names: [Name]?
        }

        struct Name: Decodable {
            let name: String
        }
    }

    private func arguments(of command: String) throws -> [Dump.Argument] {
        let dump = try JSONDecoder().decode(Dump.self, from: Data(Paddler._dumpHelp().utf8))
        let found = dump.command.subcommands?.first { $0.commandName == command }
        return try #require(found?.arguments)
    }

    @Test("every setting has a flag, and every flag is a setting", arguments: ["balancer", "agent", "serve"])
    func everySettingHasItsFlag(command: String) throws {
        let settings = ["agent": AgentSettings.all, "balancer": BalancerSettings.all, "serve": ServeSettings.all]
        let own = try #require(settings[command])
        let flags = try arguments(of: command).flatMap { $0.names ?? [] }.map(\.name)
        // Paddler 0.10 had no such command, and its names of settings don't become flags of it.
        let old = command == "serve" ? ["request-buffer-size", "request-buffer-timeout"] : []
        let others = ["config", "print-config", "help", "version", "h", "m"]
        #expect(
            flags.filter { !others.contains($0) }.sorted()
                == own.flatMap(\.descriptions).map(\.name).filter { !old.contains($0) }.sorted()
        )
    }

    @Test("every flag is explained, and stands in a group", arguments: ["balancer", "agent", "serve"])
    func everyFlagIsExplained(command: String) throws {
        for argument in try arguments(of: command) {
            let name = argument.names?.first?.name ?? ""
            #expect(argument.abstract?.isEmpty == false, "\(name)")
            guard !["help", "version"].contains(name), name != "h" else { continue }
            #expect(argument.sectionTitle?.isEmpty == false, "\(name)")
        }
    }

    @Test("the usage line has no list of flags", arguments: ["balancer", "agent"])
    func usage(command: String) {
        let help = command == "agent" ? AgentCommand.helpMessage() : BalancerCommand.helpMessage()
        #expect(help.split(separator: "\n").contains { $0.hasPrefix("USAGE: ") && $0.hasSuffix(" <options>") })
    }

    @Test("completions are written for every shell, with the flags in them", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let script = Paddler.completionScript(for: try #require(CompletionShell(rawValue: shell)))
        #expect(script.contains("management-dashboard-enable"))
        #expect(script.contains("trace"))
    }
}
