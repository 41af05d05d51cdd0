import LlamaServer
import SeededRandom

/// A llama-server as a proxy meets it: what it does with the bytes that come, and what it says.
struct SimulatedLlamaServer {
    enum Life {
        case up
        /// It answers 503 to everything.
        case loading
        /// Nobody listens.
        case dead
    }

    let address: NetworkAddress
    let slots: Int
    var life = Life.up
    /// How often it has come up.
    var lives = 0
    /// How many connections it has broken off.
    var breaks = 0

    /// A response to one request, whole.
    static func response(to request: Int, number: Int, _ random: inout SplitMix64) -> SimulatedResponse {
        let text = "\(request).\(number)"
        let isStream = random.chance(60)
        let events = (0..<random.below(6)).map { "data: \(text).\($0)\n\n" }
        let payload = isStream ? events.joined() : String(repeating: text, count: random.below(20))
        let type = isStream ? "text/event-stream" : "application/json"
        var bytes = Array("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n".utf8)
        switch random.below(3) {
        case 0:
            bytes += Array("Content-Length: \(payload.utf8.count)\r\n\r\n\(payload)".utf8)
            return SimulatedResponse(bytes, payload, isStream: isStream, end: .inBytes)
        case 1:
            bytes += Array("Connection: close\r\n\r\n\(payload)".utf8)
            return SimulatedResponse(bytes, payload, isStream: isStream, end: .ofConnection)
        default:
            bytes += Array("Transfer-Encoding: chunked\r\n\r\n".utf8)
            // llama-server's events are a chunk each; something in between may cut them otherwise.
            let pieces = isStream && random.chance(60) ? events.map { $0.utf8[...] } : cut(payload, &random)
            for piece in pieces {
                bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
            }
            bytes += Array("0\r\n\r\n".utf8)
            return SimulatedResponse(bytes, payload, isStream: isStream, end: .inBytes)
        }
    }

    private static func cut(_ text: String, _ random: inout SplitMix64) -> [Substring.UTF8View] {
        var pieces: [Substring.UTF8View] = []
        var rest = text.utf8[...]
        while !rest.isEmpty {
            let length = random.chance(30) ? 1 : 1 + random.below(rest.count)
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }

    static func unavailable(isLoading: Bool) -> SimulatedResponse {
        let message = isLoading ? "Loading model" : "no quota"
        let body = #"{"error":{"message":"\#(message)","type":"unavailable_error","code":503}}"#
        let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        return SimulatedResponse(Array((head + body).utf8), body, isStream: false, end: .inBytes)
    }
}

struct SimulatedResponse {
    enum End {
        case inBytes
        case ofConnection
    }

    let bytes: [UInt8]
    let payload: String
    let isStream: Bool
    let end: End

    init(_ bytes: [UInt8], _ payload: String, isStream: Bool, end: End) {
        self.bytes = bytes
        self.payload = payload
        self.isStream = isStream
        self.end = end
    }
}
