import ArgumentParser
import ManagementClient

struct UndrainCommand: ServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Give a server requests again after paddler drain."
    )

    @Argument(help: ArgumentHelp("The server: its agent's name or id, or its address.", valueName: "name"))
    var server: String

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        try await run(.undrain) { "\($0.inWords) takes requests again" }
    }
}
