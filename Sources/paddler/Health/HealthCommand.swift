import ArgumentParser
import ManagementClient

struct HealthCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask whether a balancer runs, or an agent: exit code 0 if it does, 1 if not.",
        discussion: """
            For containers' health checks, whose image has no curl. A balancer is healthy while it runs, however its servers are. An \
            agent is asked at its status server: paddler health --management-addr 127.0.0.1:8087.
            """
    )

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        try await BalancerContact(settings()).use { client in
            try await client.checkHealth()
            print("healthy")
        }
    }
}
