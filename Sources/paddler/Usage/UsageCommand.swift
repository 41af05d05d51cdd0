import ArgumentParser
import ManagementClient
import TerminalDashboard

struct UsageCommand: OperatorCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Tell what each tenant got: requests, tokens, slot time.",
        discussion: """
            Without a word it is this month so far, by tenant. All times are UTC:
              paddler usage --from 2026-10-01 --to 2026-10-31 --by tenant,model
              paddler usage --by day,tenant --csv > november.csv
            """
    )

    @Option(
        help: ArgumentHelp(
            "The first day, or the first hour: 2026-10-01, 2026-10-01T05:00Z. (default: the month's first day)",
            valueName: "time"
        )
    )
    var from: String?

    @Option(help: ArgumentHelp("The last day, or the hour at which it ends. (default: now)", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("By what: tenant, model, hour or day, with commas between several.", valueName: "what"))
    var by = "tenant"

    @Flag(help: "Print CSV, for spreadsheets.")
    var csv = false

    @Flag(help: "Print the balancer's JSON.")
    var json = false

    @OptionGroup(title: "The balancer")
    var balancer: OperatorFlags

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
        guard !csv || !json else { throw FlagValueError("--csv and --json: give one of them") }
    }

    func run() async throws {
        let asked = AskedUsage(from: from, to: to, by: by)
        let (isCSV, isJSON) = (csv, json)
        try await BalancerContact(settings()).use { client in
            guard !isCSV else { return StandardOutput.write(try await client.usageCSV(asked)) }
            let (json, document) = try await client.usage(asked)
            guard !isJSON else { return StandardOutput.write(json + "\n".utf8) }
            let lines = UsageTable(document).lines(width: TerminalDevice.size?.width)
            StandardOutput.write(Array(lines.map { $0 + "\n" }.joined().utf8))
        }
    }
}
