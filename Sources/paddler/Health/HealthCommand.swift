import ArgumentParser
import ManagementClient

struct HealthCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask whether a balancer runs, or an agent: exit code 0 if it does, 1 if not.",
        discussion: """
            For the health check of a container: it reads the same variables as the service there, and needs no flags then. A \
            balancer is healthy while it runs, however its servers are. An agent is asked where there is a status server. Of a \
            balancer that speaks TLS to operators the variables have to say how it is reached: PADDLER_MANAGEMENT_SCHEME=https, \
            PADDLER_MANAGEMENT_ADDR with a name of its certificate, and PADDLER_CA_FILE.
            """
    )

    static let settings = OperatorSettings.all + [AgentSettings.statusServer]

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    @OptionGroup(title: "The agent")
    var agent: HealthFlags

    var given: [GivenText] { balancer.given + agent.given }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try contact(settings)
    }

    func run() async throws {
        try await contact(settings()).use { client in
            try await client.checkHealth()
            print("healthy")
        }
    }

    private func contact(_ settings: Settings) throws(FlagValueError) -> BalancerContact {
        let status = try settings.addresses(AgentSettings.statusServer)
        return try BalancerContact(settings, statusServer: status.isGiven ? status.first : nil)
    }
}
