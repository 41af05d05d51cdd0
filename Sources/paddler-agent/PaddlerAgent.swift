import Agent
import ArgumentParser
import Foundation
import LogLines
import Logging
import ProgramLife

@main
struct PaddlerAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paddler-agent",
        abstract: "Watch one llama-server and report its slots to balancers.",
        discussion: """
            The agent of Paddler for machines on which paddler itself doesn't run, such as Windows: it runs beside a \
            llama-server, and tries again for as long as the server or a balancer is away. Balancers must be of this version \
            or later; older ones are spoken to by --dialect 0.10.

            Each setting is a flag, or a variable of the environment: --management-token is PADDLER_MANAGEMENT_TOKEN. With \
            https, certificates are trusted that the system trusts. What paddler agent has beside this and this program \
            hasn't, is refused: a file of settings, models that the agent loads itself, a CA file, a certificate of its \
            own, a status server, UNIX sockets.
            """,
        version: Version.current
    )

    @OptionGroup(title: "llama-server")
    var llamaServer: LlamaServerFlags

    @OptionGroup(title: "Balancers")
    var balancers: BalancerFlags

    @OptionGroup(title: "The agent itself")
    var life: LifeFlags

    private func settings(_ environment: [String: String]) -> GivenSettings {
        GivenSettings(flags: llamaServer.given + balancers.given + life.given, environment: environment)
    }

    func configuration(environment: [String: String]) throws(SettingMistake) -> AgentConfiguration {
        try AgentConfiguration(settings(environment))
    }

    func validate() throws {
        let environment = ProcessInfo.processInfo.environment
        do throws(SettingMistake) {
            _ = try configuration(environment: environment)
            _ = try LoggingChoice(settings(environment))
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let settings = settings(ProcessInfo.processInfo.environment)
        let configuration = try AgentConfiguration(settings)
        let logger = try LoggingChoice(settings).start(label: "paddler.agent")
        PlainTokenWarning(configuration)?.log(to: logger)
        logger.info(
            "agent starting",
            metadata: ["version": "\(Version.current)", "settings": "\(settings.shown)"]
        )
        try await AgentProcess(configuration, logger: logger).run()
    }

    /// As ArgumentParser's own, but a mistake in the flags is one line.
    static func main() async {
        ProxyVariables.ignore()
        do {
            if let absence = AbsentSetting.first(in: CommandLine.arguments.dropFirst()) {
                throw ValidationError(absence.complaint)
            }
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            LogWriter.standardError.flush()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            var line = message(for: error).replacing("\n", with: " ")
            if line.hasSuffix(".") { line.removeLast() }
            StandardError.say("error: \(line); see paddler-agent --help")
            exit(withError: ExitCode.validationFailure)
        }
    }
}
