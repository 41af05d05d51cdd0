import ArgumentParser

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys for the tenants of a balancer.",
        subcommands: [KeyCreateCommand.self]
    )
}
