import ArgumentParser
import ManagementClient

struct ForgetCommand: SettingsCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Take a server that is lost off the balancer's list.",
        discussion: """
            A server is lost when its agent went without a goodbye. It is listed so that somebody looks; one that is gone \
            for good is forgotten by this, or by itself after a day. Every balancer has to be told.
            """
    )

    static let settings = OperatorSettings.all

    @Argument(help: ArgumentHelp("The server: its agent's name, or its address.", valueName: "name"))
    var server: String

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    var given: [GivenText] { balancer.given }

    func run() async throws {
        let server = server
        try await BalancerContact(settings()).use { client in
            let agent = try await AgentChoice.of(server, among: client.agents(), lost: true)
            let forgotten = try await client.change(.forget, agent)
            print("\(forgotten.inWords) is forgotten")
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
    }
}
