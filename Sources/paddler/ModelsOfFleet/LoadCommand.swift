import ArgumentParser
import LogLines
import ManagementClient

struct LoadCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Have an agent load a model.",
        discussion: """
            Requests have their models loaded by themselves; this is for having one ready before they come. An agent without \
            room for it refuses: unload another one first.
            """
    )

    @Argument(help: ArgumentHelp("The model, as requests call it.", valueName: "model"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "Where: an agent's name or id, or its server's address. (default: anywhere)",
            valueName: "agent"
        )
    )
    var on: String?

    @Flag(help: "Return when it is loaded; if it can't be, the exit code is 1.")
    var wait = false

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        let (model, on, wait) = (model, on, wait)
        try await BalancerContact(settings()).use { client in
            let servers = try await client.models().servers
            guard let chosen = try ModelChoice.toLoad(model, on: on, among: servers) else {
                return print(HarmlessText.line("\(model) is loaded already"))
            }
            let server = try await client.change(.load, chosen.server)
            print(HarmlessText.line("\(server.inWords) is to load \(model)"))
            guard wait else { return }
            try await ModelWait(client: client).untilLoaded(model, on: server)
            print(HarmlessText.line("\(server.inWords) has loaded \(model)"))
        }
    }
}
