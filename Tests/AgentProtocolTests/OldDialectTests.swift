import LlamaServer
import Testing

@testable import AgentProtocol

@Suite("Old dialects")
struct OldDialectTests {
    private func registration(
        slots: String = #"{"status":"","slots_idle":3,"slots_processing":1}"#,
        address: String = #"{"host":"10.0.0.5","port":8088,"scheme":"http"}"#,
        name: String = "gpu-1"
    ) throws -> TargetRegistration {
        let text =
            #"{"llama_cpp_slots_aggregated_status":\#(slots),"llama_cpp_target_configuration":"#
            + #"{"Id":"0192f0c2-aaaa-7bbb-8ccc-0123456789ab","Name":"\#(name)","llama_cpp_configuration":"#
            + #"{"http_address":\#(address),"ApiKey":""}},"paddler_agent_name":""}"#
        return try TargetRegistration(json: Array(text.utf8))
    }

    private func update(_ fields: String, address: String = "10.0.0.5:8088") throws -> OldAgentStatus {
        let text = #"{"agent_name":"gpu-1","external_llamacpp_addr":"\#(address)",\#(fields)}"#
        return try StatusUpdate.decode(json: Array(text.utf8))
    }

    private static let counts = #""slots_idle":3,"slots_processing":1"#

    @Test("a registration of version 0.10 is understood")
    func registrationOf010() throws {
        let registration = try registration()
        #expect(registration.agentID == "0192f0c2-aaaa-7bbb-8ccc-0123456789ab")
        #expect(registration.status.name == "gpu-1")
        #expect(registration.status.address == NetworkAddress(host: "10.0.0.5", port: 8088))
        #expect(registration.status.usesTLS == false)
        #expect(registration.status.condition == .ready)
        #expect(registration.status.slots?.total == 4)
        #expect(registration.status.slots?.processing == 1)
    }

    @Test("an IPv6 host in brackets, as 0.10 needs it to be written, and our own agents write it")
    func bracketedHost() throws {
        let six = try registration(address: #"{"host":"[fd00::1]","port":8088,"scheme":"http"}"#, name: "a")
        #expect(six.status.address.description == "[fd00::1]:8088")
    }

    @Test("an IPv6 host without brackets, a name, TLS and no name for the agent")
    func addresses() throws {
        let six = try registration(address: #"{"host":"::1","port":1,"scheme":"https"}"#, name: "")
        #expect(six.status.address.description == "[::1]:1")
        #expect(six.status.usesTLS)
        #expect(six.status.name == nil)
        let named = try registration(address: #"{"host":"gpu-1.internal","port":65535,"scheme":"http"}"#)
        #expect(named.status.address.host == "gpu-1.internal")
    }

    @Test(
        "errors of version 0.10 become conditions, and its slots aren't counted",
        arguments: [
            ("dial tcp 127.0.0.1:8088: connect: connection refused", "down"),
            ("dial tcp: lookup gpu-1: no such host", "down"),
            (#"Get \"http://127.0.0.1:8088/slots\": context deadline exceeded"#, "unresponsive"),
            ("Non-200 response from llama.cpp", "unexpected"),
            ("invalid character '<' looking for beginning of value", "unexpected"),
        ]
    )
    func errorsOf010(message: String, kind: String) throws {
        let slots = #"{"error_message":"\#(message)","status":"error","slots_idle":0,"slots_processing":0}"#
        let status = try registration(slots: slots).status
        #expect(status.condition.kind == kind)
        #expect(status.slots == nil)
    }

    @Test("a status of version 1.2 and one of its successor are understood")
    func updates() throws {
        let older = try update(
            #""error":null,"idle_slots_count":1,"is_authorized":true,"is_slots_endpoint_enabled":true,"#
                + #""processing_slots_count":1,"slots":[{"id":0,"is_processing":true},{"id":1,"is_processing":false}]"#
        )
        let newer = try update(
            #""error":null,"is_authorized":true,"is_connect_error":null,"is_decode_error":null,"#
                + #""is_deserialize_error":null,"is_request_error":null,"is_slots_endpoint_enabled":true,"#
                + #""is_unexpected_response_status":null,"slots_idle":1,"slots_processing":1"#
        )
        #expect(older == newer)
        #expect(older.condition == .ready)
        #expect(older.slots == OldAgentStatus.Slots(total: 2, processing: 1))
    }

    @Test(
        "what 1.x observed becomes a condition",
        arguments: [
            (#""error":null,"is_authorized":false"#, "unauthorized"),
            (#""error":"Unauthorized","is_authorized":false"#, "unauthorized"),
            (#""error":null,"is_authorized":null,"is_slots_endpoint_enabled":false"#, "slots_disabled"),
            (#""error":"Request error: error sending request for url (http://127.0.0.1:8088/slots)""#, "down"),
            (#""error":"Request to URL failed: http://127.0.0.1:8088/slots","is_connect_error":true"#, "down"),
            (#""error":"Unexpected error: Unexpected response status""#, "unexpected"),
            (#""error":"Request error: error decoding response body""#, "unexpected"),
            (#""error":null,"is_authorized":null"#, "unexpected"),
        ]
    )
    func conditions(fields: String, kind: String) throws {
        let status = try update(fields + "," + Self.counts)
        #expect(status.condition.kind == kind)
        #expect(status.slots == nil)
    }

    @Test(
        "absurd counts and texts are not believed",
        arguments: [
            #""slots_idle":-1,"slots_processing":1"#, #""slots_idle":65537,"slots_processing":0"#,
            #""slots_idle":65536,"slots_processing":1"#, #""slots_idle":1,"slots_processing":18446744073709551615"#,
            #""slots_idle":1"#, #""slots_idle":"1","slots_processing":1"#, #""slots_idle":0.5,"slots_processing":1"#,
            #"\#(counts),"error":"\#(String(repeating: "x", count: 1025))""#, #"\#(counts),"error":{}"#,
        ]
    )
    func absurd(fields: String) {
        #expect(throws: (any Error).self) { try update(#""is_authorized":true,"# + fields) }
        // Version 0.10's name for it.
        let slots = fields.split(separator: #""error""#, omittingEmptySubsequences: false).joined(
            separator: #""error_message""#
        )
        #expect(throws: (any Error).self) { try registration(slots: "{\(slots)}") }
    }

    @Test(
        "addresses that are none are not believed",
        arguments: ["", "x", "x:0", "x:65536", "x/y:1", "x y:1", "[x]:1", "x:1:2", "\\r\\nx:1", "é:1"]
    )
    func badAddresses(address: String) {
        #expect(throws: (any Error).self) { try update(Self.counts, address: address) }
        let parts = address.split(separator: ":", maxSplits: 1)
        let host = parts.first ?? ""
        let port = parts.count > 1 ? parts[1] : "0"
        #expect(throws: (any Error).self) {
            try registration(address: #"{"host":"\#(host)","port":\#(port),"scheme":"http"}"#)
        }
    }

    @Test("another scheme than http and https is not believed")
    func scheme() {
        #expect(throws: ReportError.self) { try registration(address: #"{"host":"a","port":1,"scheme":"file"}"#) }
    }

    @Test("whatever is missing, nothing is believed", arguments: ["{}", "[]", "null", "1", "", "{", #"{"a":{}}"#])
    func missing(text: String) {
        #expect(throws: MessageError.self) { try TargetRegistration(json: Array(text.utf8)) }
        #expect(throws: MessageError.self) { try StatusUpdate.decode(json: Array(text.utf8)) }
    }

    @Test("what comes back in an error is short, however long what came was")
    func shortErrors() throws {
        let error = #expect(throws: MessageError.self) {
            try update(Self.counts, address: String(repeating: "x", count: 100_000))
        }
        #expect((error?.description.utf8.count ?? .max) < 2000)
    }
}
