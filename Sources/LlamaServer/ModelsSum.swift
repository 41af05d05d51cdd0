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

    /// What servers call a model is listed by further names, too, as what it is otherwise.
    ///
    /// - Parameter aliases: those of what isn't listed are left out.
    public mutating func add(_ aliases: some Sequence<(alias: String, model: String)>) {
        let (data, models) = (Self.entriesByName(data), Self.entriesByName(models))
        for (alias, model) in aliases {
            if let entry = data[model] { self.data.append(Self.copy(entry, called: alias, in: ["id"])) }
            if let entry = models[model] { self.models.append(Self.copy(entry, called: alias, in: ["name", "model"])) }
        }
    }

    /// Each is there to be used, as llama-server's router says it.
    public mutating func addStates() {
        data = data.map(RouterShape.loaded)
    }

    /// A model that no server has at present.
    ///
    /// - Parameters:
    ///   - names: by which requests may call it, the usual one first; not empty.
    ///   - state: as llama-server's router calls it: `unloaded` or `loading`.
    ///   - hasFailed: whether it couldn't be loaded last.
    public mutating func add(absent names: [String], state: String, hasFailed: Bool) {
        let texts = names.map { String(decoding: ModelPlace.json(0..<0).text(of: $0), as: UTF8.self) }
        let failed = hasFailed ? #","failed":true"# : ""
        let aliases = texts.dropFirst().joined(separator: ",")
        let entry = """
            {"id":\(texts[0]),"aliases":[\(aliases)],"object":"model","created":0,"owned_by":"llamacpp",\
            "status":{"value":"\(state)"\(failed)}}
            """
        data.append(Array(entry.utf8))
        models.append(Array(#"{"name":\#(texts[0]),"model":\#(texts[0])}"#.utf8))
    }

    /// Leaves out what goes by no name that is wanted.
    public mutating func keep(_ isKept: (String) -> Bool) {
        func isNamed(_ entry: [UInt8]) -> Bool {
            (try? ReplyError.decode(Names.self, from: entry, of: "a model"))?.all.contains(where: isKept) ?? false
        }
        data.removeAll { !isNamed($0) }
        models.removeAll { !isNamed($0) }
    }

    private static func entriesByName(_ entries: [[UInt8]]) -> [String: [UInt8]] {
        var byName: [String: [UInt8]] = [:]
        for entry in entries {
            guard let names = try? ReplyError.decode(Names.self, from: entry, of: "a model") else { continue }
            for name in names.all where byName[name] == nil { byName[name] = entry }
        }
        return byName
    }

    /// By which requests may call it.
    private struct Names: Decodable {
        let id: String?
        let name: String?
        let model: String?
        let aliases: [String]?

        var all: [String] { [id, name, model].compactMap(\.self) + (aliases ?? []) }
    }

    private static func copy(_ entry: [UInt8], called alias: String, in members: [StaticString]) -> [UInt8] {
        var copy = entry
        for member in members {
            guard let range = JSONMember.string(of: member, in: copy.span) else { continue }
            copy.replaceSubrange(range, with: ModelPlace.json(range).text(of: alias))
        }
        return copy
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
