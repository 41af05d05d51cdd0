import ArgumentParser
import ManagementClient

struct ForgetCommand: ServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Take a server that is lost off the balancer's list.",
        discussion: """
            A server is lost when its agent went without a goodbye. It is listed so that somebody looks; one that is gone \
            for good is forgotten by this, or by itself after a day. Every balancer has to be told.
            """
    )

    @Argument(help: ArgumentHelp("The server: its agent's name, or its address.", valueName: "name"))
    var server: String

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        try await run(.forget) { "\($0.inWords) is forgotten" }
    }
}
