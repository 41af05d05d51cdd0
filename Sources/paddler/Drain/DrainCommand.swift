import ArgumentParser
import ManagementClient

struct DrainCommand: SettingsCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a server finish what runs there and give it nothing new.",
        discussion: """
            It stays so, even when its agent is started again, until paddler undrain. Every balancer has to be told.
            """
    )

    static let settings = OperatorSettings.all

    @Argument(help: ArgumentHelp("The server: its agent's name or id, or its address.", valueName: "name"))
    var server: String

    @Flag(help: "Return when nothing runs there any more.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "How long to wait at most; after it the exit code is 1, and the server goes on draining. (default: 10m)",
            valueName: "duration"
        ),
        transform: DurationFlag.init(parsing:)
    )
    var timeout = DurationFlag(.seconds(600))

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    var given: [GivenText] { balancer.given }

    func run() async throws {
        let server = server
        let limit = wait ? timeout.duration : nil
        try await BalancerContact(settings()).use { client in
            let agent = try await AgentChoice.of(server, among: client.agents())
            let draining = try await client.change(.drain, agent)
            print(
                HarmlessText.line("\(draining.inWords) is draining; requests that run there: \(draining.slotsLeased)")
            )
            guard let limit else { return }
            try await DrainWait(client: client, limit: limit).wait(for: draining)
            print(HarmlessText.line("\(draining.inWords) is drained"))
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
    }
}
