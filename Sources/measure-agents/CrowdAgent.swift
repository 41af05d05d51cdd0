import AgentProtocol
import AgentRules
import LlamaServer
import NIOCore
import NIOPosix

/// One agent: connects, says what there is to say, and tries again. On its event loop.
final class CrowdAgent {
    private let number: Int
    private let plan: CrowdPlan
    private let tally: CrowdTally
    private let loop: any EventLoop
    private let begin = ContinuousClock.now
    private var backoff = Backoff()
    private var generator = SystemRandomNumberGenerator()
    private var words = UplinkWords()
    private var samples = 0
    /// That it speaks over; nil: there is none.
    private var channel: (any Channel)?
    private var isWelcome = false

    /// As of real agents: until the balancer's answer begins.
    private static let connectLimit = TimeAmount.seconds(10)
    private static let heartbeatMilliseconds = 10_000

    init(_ number: Int, of plan: CrowdPlan, _ tally: CrowdTally, on loop: any EventLoop) {
        self.number = number
        self.plan = plan
        self.tally = tally
        self.loop = loop
    }

    func connect() {
        tally.counts.attempts += 1
        let agent = NIOLoopBound(self, eventLoop: loop)
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(Self.connectLimit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(CrowdConnection(agent.value))
                }
            }
        do {
            if let source = try plan.source(of: number) { bootstrap = bootstrap.bind(to: source) }
        } catch {
            return failed()
        }
        bootstrap.connect(to: plan.balancer).assumeIsolated().whenFailure { _ in self.failed() }
    }

    /// Says that other slots are busy than before, if it is connected.
    func report() {
        guard channel != nil, isWelcome else { return }
        samples += 1
        say()
    }

    // MARK: - Of its connection

    func opened(_ channel: any Channel) {
        self.channel = channel
        words = UplinkWords()
        samples += 1
        var head = "POST \(AgentConnection.path(agentID: "crowd-\(number)")) HTTP/1.1\r\n"
        head += "Host: \(plan.balancer.ipAddress ?? "localhost")\r\nContent-Type: \(AgentConnection.contentType)\r\n"
        head += "Transfer-Encoding: chunked\r\n\r\n"
        channel.write(ByteBuffer(string: head), promise: nil)
        write(.hello(hello))
        say()
        loop.assumeIsolated().scheduleTask(in: Self.connectLimit) { [self] in
            guard self.channel === channel, !isWelcome else { return }
            channel.close(promise: nil)
        }
    }

    func heard(_ message: BalancerMessage) {
        switch message {
        case .welcome:
            isWelcome = true
            tally.counts.connected += 1
        case .poll:
            report()
        case .refused:
            tally.counts.declined += 1
            backoff.saturate()
            channel?.close(promise: nil)
        case .drained, .notice, .load, .unload, .leases, .promptSeed, .prompt, .log, .endLog:
            break
        }
    }

    /// The answer is another one than 200.
    func declined() {
        tally.counts.declined += 1
        backoff.saturate()
        channel?.close(promise: nil)
    }

    func ended() {
        channel = nil
        if isWelcome {
            tally.counts.connected -= 1
            tally.counts.lost += 1
            backoff.reset()
        } else {
            tally.counts.silent += 1
        }
        isWelcome = false
        tryAgain()
    }

    private func failed() {
        tally.counts.unreachable += 1
        tryAgain()
    }

    private func tryAgain() {
        let pause = backoff.next(using: &generator)
        loop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { self.connect() }
    }

    // MARK: - What it says

    private var hello: Hello {
        Hello(
            agentVersion: "crowd",
            name: "gpu-\(number)",
            address: NetworkAddress(host: "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)", port: 8088),
            sharesLeases: false,
            heartbeatIntervalMilliseconds: Self.heartbeatMilliseconds
        )
    }

    private func say() {
        let now = ContinuousClock.now - begin + .seconds(1)
        var status = ServerStatus(
            condition: .ready,
            sample: ServerStatus.Sample(
                number: samples,
                total: plan.slots,
                processing: samples % (plan.slots + 1),
                startedAt: now - .milliseconds(2),
                finishedAt: now - .milliseconds(1)
            )
        )
        status.models = ["model-\(number % plan.models)"]
        status.contextSize = 8192
        status.build = "b6500"
        guard let message = words.message(.status(status, isLeaving: false), at: now) else { return }
        write(message)
        channel?.flush()
    }

    private func write(_ message: AgentMessage) {
        guard let channel, let line = try? encodeLine(message) else { return }
        var chunk = channel.allocator.buffer(capacity: line.count + 16)
        chunk.writeString(String(line.count, radix: 16))
        chunk.writeString("\r\n")
        chunk.writeBytes(line)
        chunk.writeString("\r\n")
        channel.write(chunk, promise: nil)
    }
}
