import ArgumentParser
import LogLines
import ManagementClient

struct LogsCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a llama-server prints that its agent runs.",
        discussion: """
            Agents have the logs of those that they run themselves: paddler serve, or paddler agent with models. With -f it \
            goes on, when the server is started again, too; Ctrl-C ends it. A log may have prompts in it: a \
            --management-read-token isn't enough.
            """
    )

    @Argument(
        help: ArgumentHelp("The server: its agent's name or id, or its address.", valueName: "agent")
    )
    var agent: String

    @Argument(help: ArgumentHelp("Of an agent with several models, which.", valueName: "model"))
    var model: String?

    @Flag(name: .shortAndLong, help: "Go on with what is printed from now on.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many lines from before, 2000 at most. (default: 200)", valueName: "count"),
        transform: Self.lineCount
    )
    var lines = 200

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        let (agent, model, follow, lines) = (agent, model, follow, lines)
        try await BalancerContact(settings()).use { client in
            let chosen = try LogChoice.of(agent, model: model, among: try await client.models().servers)
            try await client.log(of: chosen, lines: lines, follows: follow) { told in
                StandardOutput.isRead(Array(told.map { HarmlessText.line($0) + "\n" }.joined().utf8))
            }
        }
    }

    private static func lineCount(_ text: String) throws(FlagValueError) -> Int {
        guard let count = Int(text), ManagementClient.logLineCounts ~= count else {
            throw FlagValueError("takes a number from 1 to \(ManagementClient.logLineCounts.upperBound)")
        }
        return count
    }
}
