import ArgumentParser
import LogLines
import ManagementClient

struct UnloadCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "unload",
        abstract: "Have agents unload a model.",
        discussion: """
            What runs on it comes to its end first. It is loaded again when a request asks for it.
            """
    )

    @Argument(help: ArgumentHelp("The model, as requests call it.", valueName: "model"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "Where: an agent's name or id, or its server's address. (default: everywhere)",
            valueName: "agent"
        )
    )
    var on: String?

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        let (model, on) = (model, on)
        try await BalancerContact(settings()).use { client in
            let servers = try await client.models().servers
            let chosen = try ModelChoice.toUnload(model, on: on, among: servers)
            if chosen.isEmpty { print(HarmlessText.line("\(model) isn't loaded")) }
            for one in chosen {
                let server = try await client.change(.unload, one.server)
                print(HarmlessText.line("\(server.inWords) is to unload \(model) when nothing runs there any more"))
            }
        }
    }
}
