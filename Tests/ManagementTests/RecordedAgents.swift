/// What agents of older versions send, byte for byte.
enum RecordedAgents {
    /// Version 0.10, Go's HTTP client: one request each second, on a connection of its own.
    enum Version010 {
        static let id = "01932c2e-7a7c-7d4a-9d5c-3b0f6a1e2f10"

        static func ready(idle: Int, processing: Int) -> String {
            request(#"{"status":"","slots_idle":\#(idle),"slots_processing":\#(processing)}"#)
        }

        static func failing(_ message: String) -> String {
            request(#"{"error_message":"\#(message)","status":"error","slots_idle":0,"slots_processing":0}"#)
        }

        private static func request(_ slots: String) -> String {
            post(
                #"{"llama_cpp_slots_aggregated_status":\#(slots),"llama_cpp_target_configuration":{"Id":"\#(id)","#
                    + #""Name":"gpu-1","llama_cpp_configuration":{"http_address":{"host":"127.0.0.1","port":8088,"#
                    + #""scheme":"http"},"ApiKey":""}},"paddler_agent_name":""}"#
            )
        }

        static func post(_ body: String) -> String {
            "POST /register/target HTTP/1.1\r\nHost: 127.0.0.1:8085\r\nUser-Agent: Go-http-client/1.1\r\n"
                + "Content-Length: \(body.utf8.count)\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n"
                + body
        }
    }

    /// Version 1.2, Rust's reqwest: one request whose body goes on, an object in each chunk.
    enum Version12 {
        static let id = "6f0c3b1e-52d4-4a56-9f51-0a1b2c3d4e5f"
        static let path = "/status_update/\(id)"

        static func head(path: String = path) -> String {
            "POST \(path) HTTP/1.1\r\naccept: */*\r\nhost: 127.0.0.1:8085\r\ntransfer-encoding: chunked\r\n\r\n"
        }

        static func chunk(_ text: String) -> String {
            text.isEmpty ? "" : "\(String(text.utf8.count, radix: 16, uppercase: true))\r\n\(text)\r\n"
        }

        static let end = "0\r\n\r\n"

        static func ready(idle: Int, processing: Int) -> String {
            let slots = (0..<(idle + processing)).map { #"{"id":\#($0),"is_processing":\#($0 < processing)}"# }
            return #"{"agent_name":"gpu-1","error":null,"external_llamacpp_addr":"127.0.0.1:8088","#
                + #""idle_slots_count":\#(idle),"is_authorized":true,"is_slots_endpoint_enabled":true,"#
                + #""processing_slots_count":\#(processing),"slots":[\#(slots.joined(separator: ","))]}"#
        }

        static let down =
            #"{"agent_name":"gpu-1","error":"Request error: error sending request for url "#
            + #"(http://127.0.0.1:8088/slots)","external_llamacpp_addr":"127.0.0.1:8088","idle_slots_count":0,"#
            + #""is_authorized":null,"is_slots_endpoint_enabled":null,"processing_slots_count":0,"slots":[]}"#
    }

    /// Our own, one connection over one request.
    enum Connected {
        static let id = "c551ec08-2970-4249-a339-7056839879d9"
        static let head =
            "POST /api/v1/agents/\(id)/connection HTTP/1.1\r\ncontent-type: application/x-ndjson\r\n"
            + "host: 127.0.0.1:8085\r\ntransfer-encoding: chunked\r\n\r\n"

        static func chunk(_ line: String) -> String {
            "\(String(line.utf8.count + 1, radix: 16))\r\n\(line)\n\r\n"
        }

        static let end = "0\r\n\r\n"
        static let heartbeat = ""
        static let goodbye = #"{"type":"goodbye"}"#
    }

    /// Our own of 0.1.0 before balancers told each other their leases.
    enum BeforeLeases {
        static let hello =
            #"{"address":"127.0.0.1:42455","agent_version":"0.1.0","heartbeat_interval_ms":2000,"name":"gpu-1","#
            + #""protocol_version":1,"type":"hello","uses_tls":false}"#
        static let ready =
            #"{"build":"fake","condition":{"kind":"ready"},"context_size":4096,"is_leaving":false,"is_sleeping":false,"#
            + #""models":["fake"],"sent_at_ms":73.662454,"slots":{"finished_at_ms":73.326813,"processing":0,"#
            + #""started_at_ms":59.216887,"total":2},"type":"report"}"#
        static let leaving =
            #"{"build":"fake","condition":{"kind":"ready"},"context_size":4096,"is_leaving":true,"is_sleeping":false,"#
            + #""models":["fake"],"sent_at_ms":619.112868,"type":"report"}"#
    }

    /// Our own of 0.1.0 with leases: an agent of two balancers.
    enum Sharing {
        static let hello =
            #"{"address":"127.0.0.1:45901","agent_version":"0.1.0","heartbeat_interval_ms":2000,"name":"gpu-1","#
            + #""protocol_version":1,"shares_leases":true,"tells_log":false,"type":"hello","uses_tls":false}"#
        static let ready =
            #"{"build":"fake","condition":{"kind":"ready"},"context_size":4096,"is_leaving":false,"is_sleeping":false,"#
            + #""models":["fake"],"sent_at_ms":55.047074,"slots":{"finished_at_ms":54.694098,"others":0,"processing":0,"#
            + #""started_at_ms":53.331079,"total":2},"type":"report"}"#
        static let nobodyElse = #"{"leases":0,"type":"others"}"#
        static let oneElsewhere = #"{"leases":1,"type":"others"}"#
        static let busy =
            #"{"finished_at_ms":5016.739709,"moved":true,"others":1,"processing":2,"sent_at_ms":5017.013708,"#
            + #""started_at_ms":5015.648992,"total":2,"type":"slots"}"#
        static let leaving =
            #"{"build":"fake","condition":{"kind":"ready"},"context_size":4096,"is_leaving":true,"is_sleeping":false,"#
            + #""models":["fake"],"sent_at_ms":4391.442484,"type":"report"}"#
    }

    /// The same over URLSession: what the agent says comes by requests of their own.
    enum Divided {
        static let id = "f9bbc6a7-cc2b-4238-b61a-394135c3ff07"
        private static let path = "/api/v1/agents/\(id)/connections/290db3aa-1110-45e4-96ab-b2cfeef17323"
        private static let fields =
            "Host: 127.0.0.1:8085\r\nAccept: */*\r\nContent-Type: application/x-ndjson\r\n"
            + "Accept-Encoding: identity\r\nConnection: keep-alive\r\n"
            + "User-Agent: paddler-agent (unknown version) curl/7.88.1\r\nAccept-Language: en\r\n"

        static let opening = "POST \(path) HTTP/1.1\r\n\(fields)Content-Length: 0\r\n\r\n"

        static func lines(_ lines: String...) -> String {
            let body = lines.map { "\($0)\n" }.joined()
            return "POST \(path)/lines HTTP/1.1\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
    }

    /// The unreleased successor of July 2025.
    enum July2025 {
        static let path = "/api/v1/agent_status_update/\(Version12.id)"

        static func ready(idle: Int, processing: Int) -> String {
            #"{"agent_name":"gpu-1","error":null,"external_llamacpp_addr":"127.0.0.1:8088","is_authorized":true,"#
                + #""is_connect_error":null,"is_decode_error":null,"is_deserialize_error":null,"is_request_error":null,"#
                + #""is_slots_endpoint_enabled":true,"is_unexpected_response_status":null,"slots_idle":\#(idle),"#
                + #""slots_processing":\#(processing)}"#
        }
    }
}
