import LlamaServer

/// How an operator names an agent in a path: by its id, or by the address of its upstream.
struct AgentName {
    let text: String
    /// The address, if it is one.
    let address: NetworkAddress?

    /// - Parameter parameter: as it stands in the path, percent-encoded.
    init(pathParameter parameter: String?) throws(RequestFailure) {
        guard let parameter, let text = Self.decoded(parameter), !text.isEmpty else {
            throw .badRequest("the agent's id or its upstream's address in the path is not properly percent-encoded")
        }
        self.text = text
        address = try? NetworkAddress(parsing: text, allowingSocket: true)
    }

    /// - Returns: nil if it isn't percent-encoded UTF-8.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimalDigit),
                let low = rest.popFirst().flatMap(hexadecimalDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
