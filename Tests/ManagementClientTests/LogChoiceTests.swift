import Foundation
import Testing

@testable import ManagementClient

struct LogChoiceTests {
    private func servers() throws -> [ModelServer] {
        try [
            ("1", "rack4/qwen", "10.0.0.4:1", ["qwen", "gpt-4o"], "usable"),
            ("2", "rack4/embed", "10.0.0.4:2", ["embed"], "unloaded"),
            ("3", "rack5/qwen", "10.0.0.5:1", ["qwen"], "usable"),
            ("4", "gemma", "10.0.0.6:1", ["gemma-4b.gguf"], "usable"),
            ("", "gone", "10.0.0.7:1", ["m"], "left"),
            ("", "rack4/old", "10.0.0.4:3", ["old"], "lost"),
        ].map { id, name, address, models, state in
            let json = """
                {"agent_id":"\(id)","agent_name":"\(name)","external_llamacpp_addr":"\(address)","slots_leased":0,\
                "draining":false,"state":"\(state)","models":\(models)}
                """
            return try JSONDecoder().decode(ModelServer.self, from: Data(json.utf8))
        }
    }

    @Test(
        "a server is found by its name, id or address, or by its host and model",
        arguments: [
            ("rack4/qwen", nil, "1"), ("2", nil, "2"), ("10.0.0.4:2", nil, "2"), ("gemma", nil, "4"),
            ("rack4", "qwen", "1"), ("rack4", "gpt-4o", "1"), ("rack4", "embed", "2"), ("rack5", nil, "3"),
            ("gemma", "gemma-4b.gguf", "4"), ("10.0.0.5:1", "qwen", "3"),
        ] as [(String, String?, String)]
    )
    func found(agent: String, model: String?, id: String) throws {
        #expect(try LogChoice.of(agent, model: model, among: servers()).id == id)
    }

    @Test(
        "what can't be meant is said in words",
        arguments: [
            ("rack4", nil, "rack4 has several models; name one of them: embed, qwen"),
            ("rack4", "gemma", "rack4 hasn't the model gemma; it has embed, qwen"),
            ("rack9", "qwen", "no server is called rack9; there are "),
            ("rack9", nil, "no server is called rack9; there are "),
            ("gone", nil, "gone (10.0.0.7:1) has no agent any more"),
        ] as [(String, String?, String)]
    )
    func refused(agent: String, model: String?, words: String) throws {
        let servers = try servers()
        let error = #expect(throws: ManagementClientError.self) {
            try LogChoice.of(agent, model: model, among: servers)
        }
        #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
    }

    @Test("a log is cut into lines that may be shown, wherever its pieces end")
    func lines() {
        var lines = LogLines()
        #expect(lines.read(Array("one\ntw".utf8)) == ["one"])
        #expect(lines.read(Array("o\u{1B}[2J\n\n".utf8) + [0xC3]) == ["two\u{FFFD}[2J", ""])
        #expect(lines.read([0xBC, UInt8(ascii: "\n")]) == ["ü"])
        #expect(lines.read(Array(repeating: UInt8(ascii: "x"), count: 1 << 20)).isEmpty)
        #expect(lines.read([UInt8(ascii: "\n")]).first?.utf8.count == 16 << 10)
    }
}
