import LlamaServer

/// What llama-server says, and the paths and addresses that others name. The first byte chooses a reader.
enum ServerReplies {
    static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        switch first % 7 {
        case 0: usage(rest)
        case 1: slots(rest)
        case 2: _ = try? PropsReply(json: rest)
        case 3: _ = try? ModelsReply(json: rest)
        case 4: _ = try? ErrorReply(json: rest)
        case 5: path(rest)
        default: address(String(decoding: rest, as: UTF8.self))
        }
    }

    private static func usage(_ bytes: [UInt8]) {
        guard let usage = ReportedUsage(endingIn: bytes.span) else { return }
        guard usage.promptComputed >= 0, usage.promptCached >= 0, usage.generated >= 0 else { finding("\(usage)") }
    }

    private static func slots(_ bytes: [UInt8]) {
        guard let reply = try? SlotsReply(json: bytes) else { return }
        guard 0...reply.total ~= reply.processing else { finding("\(reply)") }
    }

    private static func path(_ bytes: [UInt8]) {
        let plain = Endpoint.classify(isPost: true, path: bytes.span)
        _ = Endpoint.guarded(isReading: false, path: bytes.span)
        // Encoded or not, it is the same endpoint; and whatever stands behind a fragment's mark is none of it.
        let encoded = bytes.flatMap { Array("%\($0 < 16 ? "0" : "")\(String($0, radix: 16))".utf8) }
        guard !bytes.contains(UInt8(ascii: "%")), !bytes.contains(UInt8(ascii: "#")) else { return }
        let other = Endpoint.classify(isPost: true, path: encoded.span)
        guard plain == other else { finding("\(plain), and \(other) when it is encoded") }
    }

    private static func address(_ text: String) {
        guard let address = try? NetworkAddress(parsing: text) else { return }
        guard let again = try? NetworkAddress(parsing: address.description), again == address else {
            finding("\(address) is read as something else when it is written again")
        }
    }
}
