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
