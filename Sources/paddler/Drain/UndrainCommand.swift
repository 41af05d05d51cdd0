import ArgumentParser
import ManagementClient

struct UndrainCommand: SettingsCommand {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Give a server requests again after paddler drain."
    )

    static let settings = OperatorSettings.all

    @Argument(help: ArgumentHelp("The server: its agent's name or id, or its address.", valueName: "name"))
    var server: String

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    var given: [GivenText] { balancer.given }

    func run() async throws {
        let server = server
        try await BalancerContact(settings()).use { client in
            let agent = try await AgentChoice.of(server, among: client.agents())
            let undrained = try await client.change(.undrain, agent)
            print(HarmlessText.line("\(undrained.inWords) takes requests again"))
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
    }
}
