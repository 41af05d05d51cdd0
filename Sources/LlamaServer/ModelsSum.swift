/// The lists of models of several llama-servers (`GET /v1/models`) as one, each entry as its server wrote it.
public struct ModelsSum: Sendable {
    /// OpenAI's list.
    private var data: [[UInt8]] = []
    /// Ollama's, which llama-server puts beside it.
    private var models: [[UInt8]] = []

    public init() {}

    public var isEmpty: Bool { data.isEmpty && models.isEmpty }

    /// - Parameter text: a server's answer; what isn't one adds nothing.
    public mutating func add(_ text: [UInt8]) {
        Self.add("data", of: text.span, to: &data)
        Self.add("models", of: text.span, to: &models)
    }

    /// In llama-server's form.
    public var json: [UInt8] {
        var json = Array("{".utf8)
        if !models.isEmpty { json += Self.array("models", models) + Array(",".utf8) }
        return json + Array(#""object":"list","#.utf8) + Self.array("data", data) + Array("}".utf8)
    }

    private static func array(_ name: String, _ entries: [[UInt8]]) -> [UInt8] {
        Array("\"\(name)\":[".utf8) + entries.joined(separator: [UInt8(ascii: ",")]) + Array("]".utf8)
    }

    private static func add(_ name: StaticString, of text: borrowing Span<UInt8>, to entries: inout [[UInt8]]) {
        JSONMember.forEachElement(of: name, in: text) { range in
            let entry = text.extracting(range).withUnsafeBufferPointer { Array($0) }
            if !entries.contains(entry) { entries.append(entry) }
        }
    }
}
