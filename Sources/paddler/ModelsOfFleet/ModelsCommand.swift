import ArgumentParser
import ManagementClient
import TerminalDashboard

struct ModelsCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models of a fleet: where each is, whether it is loaded, and who waits for it.",
        discussion: """
            Models that agents load and unload on demand are listed whether they are loaded or not; see paddler load and \
            paddler unload.
            """
    )

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func run() async throws {
        try await BalancerContact(settings()).use { client in
            let lines = ModelTable(try await client.models()).lines(width: TerminalDevice.size?.width)
            StandardOutput.write(Array(lines.map { $0 + "\n" }.joined().utf8))
        }
    }
}
