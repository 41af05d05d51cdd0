import ArgumentParser
import LlamaServer
import NIOCore
import NIOPosix

@main
struct MeasureAgents: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connects many agents to one balancer, each with a connection and a server of its own.",
        discussion: """
            There are no servers: reports are made up, and each says that another number of slots is busy. What an agent says, and when it \
            tries again after it has lost the balancer, the rules of real agents decide. Prints a line of JSON whenever the number of agents \
            that are connected has changed, ten times a second at most; ends with its input. Each agent takes a descriptor (ulimit -n).
            """
    )

    @Option(help: "How many.")
    var agents = 1000

    @Option(help: "The balancer's management address: an IP address with its port.")
    var management = "127.0.0.1:8085"

    @Option(help: "Seconds from one report of an agent to its next.")
    var interval = 5.0

    @Option(help: "Slots of each server.")
    var slots = 8

    @Option(help: "How many models there are; each server serves one of them.")
    var models = 1

    @Flag(
        help:
            "All from one address, as from behind a NAT; else each from one of its own: 127.1.0.1, 127.1.0.2 and so on."
    )
    var oneAddress = false

    func validate() throws {
        guard (1...1_000_000).contains(agents), interval > 0, (1...1024).contains(slots), models > 0 else {
            throw ValidationError("Counts and times are positive; 1,000,000 agents and 1024 slots are the most.")
        }
    }

    func run() throws {
        let address = try NetworkAddress(parsing: management)
        let plan = CrowdPlan(
            agents: agents,
            balancer: try SocketAddress(ipAddress: address.host, port: address.port),
            interval: interval,
            slots: slots,
            models: models,
            hasOneAddress: oneAddress
        )
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try loop.submit { Crowd(plan, on: loop).start() }.wait()
        while readLine() != nil {}
    }
}
