import LlamaServer
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What an upstream sees instead of what the client sent", .timeLimit(.minutes(1)))
struct UpstreamLinesTests {
    private static let keys = ["Authorization: Bearer mine", "X-Api-Key: mine"]

    @Test("its own address as host, if it is to be so", arguments: [true, false])
    func host(isRewritten: Bool) async throws {
        try await withProxy {
            $0.proxy.rewritesHostHeader = isRewritten
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion("{\"a\":1}", fields: Self.keys))
            let upstream = try await proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request["Host"] == [isRewritten ? "\(proxy.upstreams[0].address)" : "example"])
            #expect(request["Authorization"] == ["Bearer mine"] && request["X-Api-Key"] == ["mine"])
            #expect(request.body == "{\"a\":1}")
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("the key for all, or its own, and nothing of the client's")
    func key() async throws {
        try await withProxy(slots: []) {
            $0.proxy.upstreamAPIKey = "for-all"
        } _: { proxy in
            let first = try await ScriptedUpstream.start()
            let second = try await ScriptedUpstream.start()
            proxy.report(first, slots: 2)
            proxy.report(UpstreamRoute(address: second.address, apiKey: "for-one"), slots: 1)

            let client = try await proxy.client(sending: HTTP.completion("1", fields: Self.keys))
            let connection = try await first.accept()
            let request = try await connection.readMessage()
            #expect(request["Authorization"] == ["Bearer for-all"] && request["X-Api-Key"].isEmpty)
            #expect(request["Host"] == ["example"])
            // What has to be sent elsewhere gets the key of that place.
            await connection.close()
            try await first.showLife()
            let other = try await second.accept()
            let again = try await other.readMessage()
            #expect(again["Authorization"] == ["Bearer for-one"] && again.body == "1")
            try await other.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a key that changes is used from the next request on")
    func changed() async throws {
        try await withProxy(slots: []) { proxy in
            let upstream = try await ScriptedUpstream.start()
            for key in ["old", "new"] {
                proxy.report(UpstreamRoute(address: upstream.address, apiKey: key), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion())
                let connection = try await upstream.accept()
                #expect(try await connection.readMessage()["Authorization"] == ["Bearer \(key)"])
                try await connection.send(HTTP.answer())
                #expect(try await client.readMessage().status == 200)
            }
        }
    }
}
