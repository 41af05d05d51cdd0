import Foundation
import LlamaServer
import Testing

@Suite("Another name of a request's model")
struct ModelPlaceTests {
    private static func renamed(_ body: String, to name: String) throws -> String {
        var scan = RequestBodyScan()
        var bytes = Array(body.utf8)
        scan.read(bytes.span)
        let place = ModelPlace.json(try #require(scan.modelPlace))
        bytes.replaceSubrange(place.range, with: place.text(of: name))
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "stands where the last one stood, and all else is as it was",
        arguments: [
            (#"{"model":"a"}"#, #"{"model":"b"}"#),
            (
                #"{ "x":1.0 , "model" :  "a\"\u0061" ,"messages":[{"model":"a"}]} "#,
                #"{ "x":1.0 , "model" :  "b" ,"messages":[{"model":"a"}]} "#
            ),
            (#"{"model":"a","model":"c"}"#, #"{"model":"a","model":"b"}"#),
            (#"{"mod\u0065l":"a"}"#, #"{"mod\u0065l":"b"}"#),
            ("\u{FEFF}{\"model\":\"a\"}", "\u{FEFF}{\"model\":\"b\"}"),
        ]
    )
    func place(body: String, expected: String) throws {
        #expect(try Self.renamed(body, to: "b") == expected)
        for size in 1...body.utf8.count {
            var scan = RequestBodyScan()
            let bytes = Array(body.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                scan.read(bytes.span.extracting(start..<min(start + size, bytes.count)))
            }
            let place = try #require(scan.modelPlace)
            #expect(bytes[place].first == UInt8(ascii: "\"") && bytes[place].last == UInt8(ascii: "\""), "\(size)")
        }
    }

    @Test(
        "is read as it was given, whatever is in it, and no other value changes",
        arguments: ["b", "org/model:Q4_K_M", #"a"b\c"#, "é😀", "\u{1}\u{1F}", " ", String(repeating: "x", count: 512)]
    )
    func values(name: String) throws {
        let body = #"{"a":[1,{"model":"x"}],"model":"alias","stream":true,"t":"\"model\":\"alias\""}"#
        let text = try Self.renamed(body, to: name)
        #expect(RequestBody.model(Array(text.utf8).span) == name)
        var before = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: NSObject])
        let after = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: NSObject])
        before["model"] = name as NSString
        #expect(after == before)
    }

    @Test(
        "has no place where no model is named",
        arguments: ["", "{}", #"{"model":""}"#, #"{"model":1}"#, #"{"model":"a""#]
    )
    func nowhere(body: String) {
        var scan = RequestBodyScan()
        scan.read(Array(body.utf8).span)
        #expect(scan.modelPlace == nil)
    }

    @Test("stands in a form's field, in front of a file or behind it", arguments: [true, false])
    func form(isFirst: Bool) throws {
        let content = String(repeating: "\n", count: 300_000)
        let file = "--b\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n\(content)\r\n"
        func form(_ model: String) -> String {
            let field = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\(model)\r\n"
            return (isFirst ? field + file : file + field) + "--b--\r\n"
        }
        var bytes = Array(form("alias").utf8)
        let range = MultipartForm.range(of: "model", in: bytes.span)
        let place = ModelPlace.form(try #require(range))
        bytes.replaceSubrange(place.range, with: place.text(of: #"w"h"#))
        #expect(bytes == Array(form(#"w"h"#).utf8))
    }
}
