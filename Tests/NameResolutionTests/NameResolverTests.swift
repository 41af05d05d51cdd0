import NIOCore
import NIOPosix
import NameResolution
import Testing

@Suite("Looking names up", .timeLimit(.minutes(1)))
struct NameResolverTests {
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    @Test("localhost is a loopback address, with the port that was asked for")
    func localhost() async throws {
        let addresses = try await NameResolver().addresses(of: "localhost", port: 8088, on: eventLoop).get()
        #expect(!addresses.isEmpty)
        for address in addresses {
            #expect(address.port == 8088)
            #expect(["127.0.0.1", "::1"].contains(address.ipAddress))
        }
    }

    @Test("a name that doesn't exist fails in words")
    func unknown() async throws {
        let names = NameResolver { _ in [] }
        await #expect(throws: NameLookupFailure.unknown("nosuch.example")) {
            try await names.addresses(of: "nosuch.example", port: 1, on: eventLoop).get()
        }
    }

    @Test("many who ask for one name at once get the answer of one lookup")
    func together() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: String.self)
        let names = NameResolver { name in
            continuation.yield(name)
            return [try? SocketAddress(ipAddress: "127.0.0.1", port: 0)].compactMap(\.self)
        }
        let answers = try await withThrowingTaskGroup(of: [SocketAddress].self) { group in
            for _ in 1...100 { group.addTask { try await names.addresses(of: "a", port: 1, on: eventLoop).get() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        continuation.finish()
        #expect(answers.count == 100)
        #expect(Set(answers.flatMap(\.self)).count == 1)
        #expect(await asked.reduce(0) { count, _ in count + 1 } == 1)
    }
}
