import LoopbackPorts
import Supervision
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

struct FreePortTests {
    @Test(
        "the port of a server that has ended is free, whoever had spoken to it, and that of one that listens isn't",
        arguments: [SO_REUSEADDR, SO_REUSEPORT]
    )
    func formerServer(reuses option: CInt) throws {
        let server = try LoopbackSocket.make()
        var yes: CInt = 1
        setsockopt(server, SOL_SOCKET, option, &yes, socklen_t(MemoryLayout<CInt>.size))
        let port = try LoopbackSocket.bind(server, port: 0)
        try #require(listen(server, 1) == 0)

        let client = try LoopbackSocket.make()
        try LoopbackSocket.connect(client, port: port)
        let served = accept(server, nil, nil)
        try #require(served >= 0)
        #expect(!FreePort.isFree(port))
        close(served)
        close(server)
        var byte: UInt8 = 0
        #expect(read(client, &byte, 1) == 0)
        close(client)

        let other = try LoopbackSocket.make()
        #expect(throws: SocketError.self) { try LoopbackSocket.bind(other, port: port) }
        close(other)
        #expect(FreePort.isFree(port))
    }
}
