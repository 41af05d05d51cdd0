import NIOCore
import NIOHTTP1
import NIOPosix

/// Puts the parts together and runs them until the process is ended.
struct Server {
    let options: ServerOptions

    func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
        let main = try PortReservation(address: options.address, port: options.port)
        let control = try PortReservation(address: "127.0.0.1", port: options.controlPort)
        let idleLimit = options.keepAliveIdle.amount
        let loops = try group.makeIterator().map { loop in
            try loop.submit { NIOLoopBound(LoopState(loop: loop, idleLimit: idleLimit), eventLoop: loop) }.wait()
        }
        let gate = Gate(loops: loops, eventLoop: group.next())
        let context = ServerContext(
            options: options,
            state: SharedState(slots: options.slots),
            answers: Answers(options: options, server: options.name ?? "fake-\(main.port)"),
            gate: gate
        )
        try gate.open { listen(main, isControl: false, context, loops, group) }.wait()
        let controlListener = try listen(control, isControl: true, context, loops, group).wait()
        StandardStreams.print("listening on \(options.address):\(main.port)\ncontrol on 127.0.0.1:\(control.port)\n")
        guard options.exitWithStdin else { return try controlListener.closeFuture.wait() }
        StandardStreams.waitForEndOfInput()
    }

    private func listen(
        _ reserved: PortReservation,
        isControl: Bool,
        _ context: ServerContext,
        _ loops: [NIOLoopBound<LoopState>],
        _ group: MultiThreadedEventLoopGroup
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: group)
            // As llama-server has it.
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(PortReservation.sharing, value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // llama-server closes its side when it has noticed that its client left, not before.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 4096, maximum: 65536)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop })?.value else { return }
                    let tap = RawTap()
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
                    let connection = Connection(server: context, loop: loop, tap: tap, isControl: isControl)
                    try channel.pipeline.syncOperations.addHandlers([tap, decoder, connection])
                }
            }
            .bind(host: reserved.address, port: reserved.port)
    }
}
