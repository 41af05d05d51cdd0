import ArgumentParser
import LogLines
import ManagementClient

struct DrainCommand: ServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a server finish what runs there and give it nothing new.",
        discussion: """
            It stays so, even when its agent is started again, until paddler undrain. Every balancer has to be told.
            """
    )

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

    func run() async throws {
        let limit = wait ? timeout.duration : nil
        try await run(.drain) {
            "\($0.inWords) is draining; requests that run there: \($0.slotsLeased)"
        } then: { client, agent in
            guard let limit else { return }
            try await DrainWait(client: client, limit: limit).wait(for: agent)
            print(HarmlessText.line("\(agent.inWords) is drained"))
        }
    }
}
