import Foundation
import LlamaServer
import Testing

@Suite("Pieces of reasoning")
struct ReasoningChunkTests {
    private struct Chunk: Decodable {
        struct Choice: Decodable {
            let index: Int
            let delta: [String: String]
        }

        let id: String
        let object: String
        let created: Int
        let model: String
        let choices: [Choice]
    }

    @Test("are one event of one line, whatever is said in them")
    func event() throws {
        let text = "a \"b\"\n\\ \u{1} … é\r\n\ndata: x"
        let event = ReasoningChunk(id: "chatcmpl-\"1", created: 17, model: "m\n\"", text: text).event
        let lines = String(decoding: event, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[1].isEmpty && lines[2].isEmpty)
        #expect(!lines[0].contains("\r"))
        try #require(lines[0].hasPrefix("data: "))
        let chunk = try JSONDecoder().decode(Chunk.self, from: Data(lines[0].dropFirst(6).utf8))
        #expect(chunk.id == "chatcmpl-\"1" && chunk.model == "m\n\"" && chunk.created == 17)
        #expect(chunk.object == "chat.completion.chunk")
        #expect(chunk.choices.count == 1 && chunk.choices[0].index == 0)
        #expect(chunk.choices[0].delta == ["reasoning_content": text])
    }
}
