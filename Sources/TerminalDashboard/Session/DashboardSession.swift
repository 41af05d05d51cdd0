import Dispatch
package import ManagementClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A dashboard on this process's terminal, from its first line to the terminal as it was before.
package struct DashboardSession {
    private let client: ManagementClient
    private let device: TerminalDevice
    private let glyphs: Glyphs
    private var state: DashboardState
    private var writer: ScreenWriter
    private let mailbox = SnapshotMailbox()
    private let started = ContinuousClock.now
    private var logReading: Task<Void, Never>?
    /// We stopped ourselves and have entered again; the signal that continued us has still to be read.
    private var hasContinued = false

    private enum Event: Sendable {
        case terminal(TerminalEvent)
        case feed(FeedEvent)
    }

    /// Why it ended.
    package enum End: Sendable {
        case quit
        case signal(Int32)
    }

    /// How long a terminal that takes no more is waited for after a signal that ends us.
    private static let patience: Duration = .seconds(2)

    /// - Parameters:
    ///   - balancer: its address, for people.
    ///   - environment: what it says of the terminal.
    package init(
        client: ManagementClient,
        balancer: String,
        environment: [String: String]
    ) throws(TerminalFailure) {
        self.client = client
        device = try TerminalDevice()
        glyphs = Glyphs(environment: environment)
        state = DashboardState(balancer: balancer, size: device.size)
        writer = ScreenWriter(depth: ColourDepth(environment: environment), isASCII: glyphs.isASCII)
    }

    /// - Throws: ``TerminalFailure`` when the terminal is lost, ``ManagementClientError`` when the balancer doesn't let
    ///   us in from the start. The terminal is as it was, however this ends.
    package mutating func run() async throws -> End {
        // Keys and signals come one at a time from a person, snapshots and histories no faster than they are taken.
        let (events, post) = AsyncStream.makeStream(of: Event.self)
        let signals = try SignalPipe.open()
        defer { device.leave() }
        try device.enter()
        let device = device
        // A thread of its own: nothing else is ever put into this queue.
        DispatchQueue(label: "paddler.terminal").async {
            TerminalEvents(signals: signals) { event in
                if case .signal(let number) = event { Self.endAnyway(after: number, device) }
                post.yield(.terminal(event))
            }.run()
        }
        let feed = FleetFeed(client: client, mailbox: mailbox) { post.yield(.feed($0)) }
        let reading = Task { await feed.run() }
        defer {
            reading.cancel()
            logReading?.cancel()
        }
        try draw()
        for await event in events {
            if let end = try handle(event, { post.yield(.feed($0)) }) { return end }
            try draw()
        }
        return .quit
    }

    private mutating func draw() throws(TerminalFailure) {
        let frame = writer.frame(DashboardScreen.lines(state, glyphs: glyphs), width: state.size.width)
        if !frame.isEmpty { try device.write(frame) }
    }

    private mutating func handle(_ event: Event, _ report: @escaping @Sendable (FeedEvent) -> Void) throws -> End? {
        switch event {
        case .terminal(.closed): throw TerminalFailure("the terminal is gone", EIO)
        case .terminal(.tick): return try apply(.tick, report)
        case .terminal(.key(let key)): return try apply(.key(key), report)
        case .terminal(.signal(let number)): return try handle(signal: number, report)
        case .feed(let event):
            guard let input = try input(event) else { return nil }
            return try apply(input, report)
        }
    }

    private mutating func handle(signal: Int32, _ report: @escaping @Sendable (FeedEvent) -> Void) throws -> End? {
        switch signal {
        case SIGWINCH: return try apply(.resized(device.size), report)
        case SIGTSTP: try suspend()
        // Else stopped by something that can't be caught, and the shell has used the terminal since.
        case SIGCONT: if hasContinued { hasContinued = false } else { try resume() }
        default: return .signal(signal)
        }
        return nil
    }

    private func input(_ event: FeedEvent) throws(ManagementClientError) -> DashboardInput? {
        switch event {
        case .snapshot: return mailbox.take().map { .snapshot($0, wallTime: Date().timeIntervalSince1970) }
        case .lost(let failure, let retryIn):
            // Nobody's waiting will give us a token.
            if case .unauthorized = failure, state.isNew { throw failure }
            return .lost(reason: failure.reason, retryIn: retryIn)
        case .found(let document, let words): return .found(document, words: words)
        case .history(let document): return .history(document)
        case .events(let document): return .events(document)
        case .requests(let document): return .requests(document)
        case .log(let lines, let address): return .log(lines, address)
        case .logEnded(let failure, let address): return .logEnded(failure.reason, address)
        case .changed(.drain, let agent):
            return .done("\(agent.inWords) is draining; requests that run there: \(agent.slotsLeased)")
        case .changed(.undrain, let agent): return .done("\(agent.inWords) takes requests again")
        case .changed(.forget, let agent): return .done("\(agent.inWords) is forgotten")
        case .changed(.load, let agent): return .done("\(agent.inWords) is to load its model")
        case .changed(.unload, let agent):
            return .done("\(agent.inWords) is to unload its model when nothing runs there any more")
        case .notChanged(let failure): return .failed(failure.reason)
        }
    }

    private mutating func apply(
        _ input: DashboardInput,
        _ report: @escaping @Sendable (FeedEvent) -> Void
    ) throws(TerminalFailure) -> End? {
        let client = client
        for decision in state.handle(input, at: .now - started) {
            switch decision {
            case .quit: return .quit
            case .suspend: try suspend()
            case .repaint: writer.forget()
            case .loadHistory:
                Task { report(.history((try? await client.history()) ?? nil)) }
            case .search(let words):
                Task { report(.found(try? await client.agents(with: words), words: words)) }
            case .loadEvents:
                Task { report(.events((try? await client.events()) ?? nil)) }
            case .loadRequests:
                Task { report(.requests((try? await client.requests()) ?? nil)) }
            case .leaveLog:
                logReading?.cancel()
                logReading = nil
            case .followLog(let agent):
                logReading = Task { await Self.follow(agent, by: client, report) }
            case .change(let change, let agent):
                Task {
                    do throws(ManagementClientError) {
                        report(.changed(change, try await client.change(change, agent)))
                    } catch {
                        report(.notChanged(error))
                    }
                }
            }
        }
        return nil
    }

    /// Returns when the log ends, or its task is cancelled.
    private static func follow(
        _ agent: ListedAgent,
        by client: ManagementClient,
        _ report: @escaping @Sendable (FeedEvent) -> Void
    ) async {
        do throws(ManagementClientError) {
            try await client.log(of: agent, lines: 500, follows: true) { lines in
                report(.log(lines, agent.address))
                return !Task.isCancelled
            }
        } catch {
            if !Task.isCancelled { report(.logEnded(error, agent.address)) }
        }
    }

    private mutating func suspend() throws(TerminalFailure) {
        device.leave()
        SignalPipe.stop()
        hasContinued = true
        try resume()
    }

    private mutating func resume() throws(TerminalFailure) {
        try device.enter()
        _ = state.handle(.resized(device.size), at: .now - started)
        writer.forget()
    }

    /// For when the session hangs in writing to a terminal that takes no more.
    private static func endAnyway(after signal: Int32, _ device: TerminalDevice) {
        guard ![SIGWINCH, SIGTSTP, SIGCONT].contains(signal) else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience / .seconds(1)) {
            device.restoreModes()
            _exit(128 + signal)
        }
    }
}
