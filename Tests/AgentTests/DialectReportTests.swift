import AgentProtocol
import LlamaServer
import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("What older balancers are told")
struct DialectReportTests {
    private static let agent = AgentIdentity(
        id: "0192-a",
        name: "rack 4",
        external: NetworkAddress(host: "10.0.0.5", port: 8088),
        externalUsesTLS: false
    )

    // MARK: - 0.10

    @Test("0.10: the slots, the address and the name, with its own letter case")
    func report010() throws {
        #expect(
            try Self.json010(Self.ready)
                == #"{"llama_cpp_slots_aggregated_status":{"slots_idle":3,"slots_processing":1,"status":""},"#
                + #""llama_cpp_target_configuration":{"Id":"0192-a","Name":"rack 4","llama_cpp_configuration":"#
                + #"{"ApiKey":"","http_address":{"host":"10.0.0.5","port":8088,"scheme":"http"}}},"#
                + #""paddler_agent_name":""}"#
        )
    }

    @Test("0.10: an error, with no slots")
    func error010() throws {
        let json = try Self.json010(ServerStatus(condition: .down("connection refused")))
        #expect(
            json.hasPrefix(
                #"{"llama_cpp_slots_aggregated_status":{"error_message":"llama-server is down: connection refused","#
                    + #""slots_idle":0,"slots_processing":0,"status":"error"},"#
            )
        )
    }

    @Test("0.10: TLS is a scheme, an IPv6 address has brackets, and no name is an empty one")
    func address010() throws {
        let agent = AgentIdentity(
            id: "a",
            name: nil,
            external: NetworkAddress(host: "fd00::1", port: 8443),
            externalUsesTLS: true
        )
        let json = String(
            decoding: try Version010Report(Self.ready, isLeaving: false, from: agent).json(),
            as: UTF8.self
        )
        #expect(json.contains(#""http_address":{"host":"[fd00::1]","port":8443,"scheme":"https"}"#))
        #expect(json.contains(#""Name":"""#))
    }

    @Test("0.10: whoever leaves has no idle slots")
    func leaving010() throws {
        #expect(
            try Self.json010(Self.ready, isLeaving: true).contains(
                #"{"slots_idle":0,"slots_processing":1,"status":""}"#
            )
        )
    }

    // MARK: - 1.x

    @Test("1.x: counts, flags and slots")
    func report1() throws {
        #expect(
            try Self.json1(ServerStatus(condition: .ready, sample: Self.sample(total: 2, processing: 1)))
                == #"{"agent_name":"rack 4","error":null,"external_llamacpp_addr":"10.0.0.5:8088","idle_slots_count":1,"#
                + #""is_authorized":true,"is_slots_endpoint_enabled":true,"processing_slots_count":1,"#
                + #""slots":[{"id":0,"is_processing":true},{"id":1,"is_processing":false}]}"#
        )
    }

    @Test(
        "1.x: what is wrong",
        arguments: [
            (.unauthorized, #""error":null"#, #""is_authorized":false,"is_slots_endpoint_enabled":null"#),
            (.slotsDisabled, #""error":null"#, #""is_authorized":null,"is_slots_endpoint_enabled":false"#),
            (
                .loading, #""error":"llama-server is loading its model""#,
                #""is_authorized":null,"is_slots_endpoint_enabled":null"#
            ),
            (
                .stuck("no progress since 2026"), #""error":"llama-server is stuck: no progress since 2026""#,
                #""is_authorized":null,"is_slots_endpoint_enabled":null"#
            ),
        ] as [(Condition, String, String)]
    )
    func condition1(condition: Condition, error: String, flags: String) throws {
        let json = try Self.json1(ServerStatus(condition: condition), name: nil)
        #expect(json.contains(#""agent_name":null"#))
        #expect(json.contains(error))
        #expect(json.contains(flags))
        #expect(json.contains(#""idle_slots_count":0"#))
        #expect(json.hasSuffix(#""processing_slots_count":0,"slots":[]}"#))
    }

    @Test("1.x: whoever leaves has only the slots that work")
    func leaving1() throws {
        let json = try Self.json1(Self.ready, isLeaving: true)
        #expect(json.contains(#""idle_slots_count":0"#))
        #expect(json.hasSuffix(#""processing_slots_count":1,"slots":[{"id":0,"is_processing":true}]}"#))
    }

    @Test("1.x: a document fits into a packet, however many slots there are and whatever is wrong")
    func size1() throws {
        for total in [1, 24, 25, 1000] {
            let status = ServerStatus(condition: .ready, sample: Self.sample(total: total, processing: 0))
            let json = try Self.json1(status)
            #expect(json.utf8.count < 1400)
            #expect(json.contains(#""idle_slots_count":\#(total)"#))
        }
        let wordy = ServerStatus(condition: .unexpected(String(repeating: "é", count: 5000)))
        #expect(try Self.json1(wordy).utf8.count < 1400)
    }

    @Test("names become addresses, IPv4 first", arguments: [("localhost", "127.0.0.1"), ("::1", "::1")])
    func resolution(host: String, expected: String) async throws {
        let resolved = try await AddressResolution.resolved(NetworkAddress(host: host, port: 8088))
        #expect(resolved == NetworkAddress(host: expected, port: 8088))
    }

    // MARK: -

    private static let ready = ServerStatus(condition: .ready, sample: sample(total: 4, processing: 1))

    private static func sample(total: Int, processing: Int) -> ServerStatus.Sample {
        ServerStatus.Sample(number: 1, total: total, processing: processing, startedAt: .zero, finishedAt: .zero)
    }

    private static func json010(_ status: ServerStatus, isLeaving: Bool = false) throws -> String {
        String(decoding: try Version010Report(status, isLeaving: isLeaving, from: agent).json(), as: UTF8.self)
    }

    private static func json1(
        _ status: ServerStatus,
        isLeaving: Bool = false,
        name: String? = agent.name
    ) throws -> String {
        let report = Version1Report(status, isLeaving: isLeaving, name: name, address: agent.external)
        return String(decoding: try report.json(), as: UTF8.self)
    }
}
