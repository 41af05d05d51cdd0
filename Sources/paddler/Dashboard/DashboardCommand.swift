import ArgumentParser
import LlamaServer
import ManagementClient
import TerminalDashboard

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct DashboardCommand: SettingsCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Watch a fleet in the terminal.",
        discussion: """
            Live, until q, Esc or Ctrl-C; ? lists the keys. Where there is no terminal to draw on (a pipe, TERM=dumb) it \
            prints the table once, as --once does.
            """
    )

    static let settings = OperatorSettings.all

    @Flag(help: "Print the table of servers and end.")
    var once = false

    @Flag(help: "Print what the balancer says of its servers, as JSON, and end.")
    var json = false

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    var given: [GivenText] { balancer.given }

    func run() async throws {
        let settings = try settings()
        let contact = try BalancerContact(settings)
        if json {
            return try await contact.use { client in StandardOutput.write(try await client.snapshotText() + [10]) }
        }
        let environment = ProcessInfo.processInfo.environment
        guard !once, TerminalDevice.isUsable(environment: environment) else {
            return try await printTable(contact, environment)
        }
        let name = try settings.address(OperatorSettings.management).description
        try await contact.use { client in
            var session = try DashboardSession(client: client, balancer: name, environment: environment)
            if case .signal(let number) = try await session.run() { throw ExitCode(128 + number) }
        }
    }

    private func printTable(_ contact: BalancerContact, _ environment: [String: String]) async throws {
        try await contact.use { client in
            let table = PlainTable(try await client.snapshot(), wallTime: Date().timeIntervalSince1970)
            let size = TerminalDevice.size
            let isColoured = size != nil && (environment["TERM"] ?? "dumb") != "dumb"
            let text = table.text(
                width: size?.width,
                depth: isColoured ? ColourDepth(environment: environment) : .none,
                // A pipe gets names as they are.
                isASCII: size != nil && Glyphs(environment: environment).isASCII
            )
            StandardOutput.write(Array(text.utf8))
        }
    }

    func check(_ settings: Settings) throws(FlagValueError) {
        guard !(once && json) else { throw FlagValueError("--once and --json: give one of them") }
        _ = try BalancerContact(settings)
    }
}
