import LlamaServer
import Testing

@Suite("Models in request bodies")
struct ModelNameTests {
    @Test(
        "a model is read wherever it stands, as what its escapes stand for",
        arguments: [
            (#"{"model":"alpha"}"#, "alpha"), (#" { "prompt" : "x", "model" : "a b" , "n":1} "#, "a b"),
            (#"{"model":"alpha","model":"beta"}"#, "beta"), (#"{"messages":[{"model":"x"}],"model":"y"}"#, "y"),
            (#"{"mod\u0065l":"al\u0070ha"}"#, "alpha"), (#"{"model":"\"\\\/\n"}"#, "\"\\/\n"),
            (#"{"model":"\ud83d\ude00é"}"#, "😀é"), (#"{"model":"\ud83dx"}"#, "\u{FFFD}x"),
            (#"{"stream":true,"model":"m","a":{"model":"z"}}"#, "m"),
        ]
    )
    func named(body: String, model: String) {
        let bytes = Array(body.utf8)
        #expect(RequestBody.model(bytes.span) == model)
        Self.expect(model, ofPiecesOf: bytes)
    }

    @Test(
        "and none where there is none",
        arguments: [
            "", "{}", #"{"model":null}"#, #"{"model":3}"#, #"{"model":{"model":"x"}}"#, #"{"model":["x"]}"#,
            #"{"model":""}"#, #"{"models":"x"}"#, #"{"mode":"x"}"#, #"{"x":"model"}"#,
            #"{"model":"alpha","model":null}"#, #"["model","x"]"#, #"{"model":"x""#, #"{"model""x"}"#,
        ]
    )
    func unnamed(body: String) {
        let bytes = Array(body.utf8)
        #expect(RequestBody.model(bytes.span) == nil)
        Self.expect(nil, ofPiecesOf: bytes)
    }

    private static func expect(_ model: String?, ofPiecesOf bytes: [UInt8]) {
        for size in 1...max(1, bytes.count) {
            var scan = RequestBodyScan()
            for start in stride(from: 0, to: bytes.count, by: size) {
                scan.read(bytes.span.extracting(start..<min(start + size, bytes.count)))
            }
            #expect(scan.model == model, "in pieces of \(size)")
        }
    }

    @Test("a name of any length is read up to a bound")
    func long() {
        let bytes = Array((#"{"model":""# + String(repeating: "x", count: 100_000) + #""}"#).utf8)
        #expect(RequestBody.model(bytes.span)?.utf8.count == RequestBodyScan.longestModel)
    }

    @Test("in a form it is the field of that name, and not what a file holds")
    func form() {
        let form = """
            --b1\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\nname="model"\r\n\r\nx\r\n\
            --b1\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper\r\n--b1--\r\n
            """
        #expect(MultipartForm.value(of: "model", in: Array(form.utf8).span) == "whisper")
        #expect(MultipartForm.value(of: "language", in: Array(form.utf8).span) == nil)
        for cut in 0..<form.utf8.count { _ = MultipartForm.value(of: "model", in: Array(form.utf8.prefix(cut)).span) }
    }

    @Test("a boundary over several lines is none, and breaks nothing")
    func linesInBoundary() {
        for line in ["\n", "-\n", "--\n", "\n--"] {
            for count in 1...12 {
                let form = "--" + String(repeating: line, count: count) + "\r\n" + String(repeating: line, count: 30)
                #expect(MultipartForm.value(of: "model", in: Array(form.utf8).span) == nil)
            }
        }
    }

    @Test("a form whose boundary is longer than may be says nothing")
    func longBoundary() {
        let boundary = "--" + String(repeating: "-", count: 70)
        func form(_ boundary: String) -> String {
            "\(boundary)\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n\(boundary)--\r\n"
        }
        #expect(MultipartForm.value(of: "model", in: Array(form(boundary).utf8).span) == "m")
        #expect(MultipartForm.value(of: "model", in: Array(form(boundary + "-").utf8).span) == nil)
    }

    @Test("a file of any length may stand in front of the field, or behind it", arguments: [true, false])
    func largeFile(isFirst: Bool) {
        let content = String(repeating: "\n", count: 300_000)
        let file = "--b\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n\(content)\r\n"
        let field = "--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n"
        let form = (isFirst ? file + field : field + file) + "--b--\r\n"
        #expect(MultipartForm.value(of: "model", in: Array(form.utf8).span) == "m")
    }

    @Test("where there are several models, a list says that each is loaded, as a router's does")
    func states() {
        var sum = ModelsSum()
        sum.add(Array(#"{"data":[{"id":"a"},{"id":"b","status":{"value":"unloaded"}},{}]}"#.utf8))
        sum.addStates()
        let loaded = #""status":{"value":"loaded"}"#
        #expect(
            String(decoding: sum.json, as: UTF8.self)
                == #"{"object":"list","data":[{\#(loaded),"id":"a"},{"id":"b","status":{"value":"unloaded"}},{\#(loaded)}]}"#
        )
    }

    @Test(
        "one server's properties say for all that there are several models",
        arguments: [
            (#"{"n":1}"#, #"{"role":"router","n":1}"#), (" { }", #" {"role":"router" }"#),
            (#"{"a":{"role":"x"}}"#, #"{"role":"router","a":{"role":"x"}}"#),
            (#"{"role":"router","n":1}"#, #"{"role":"router","n":1}"#), ("[]", "[]"), ("", ""), ("{", "{"),
        ]
    )
    func properties(text: String, told: String) {
        #expect(String(decoding: RouterShape.properties(Array(text.utf8)), as: UTF8.self) == told)
    }

    @Test("lists of models are joined, each entry as it was, once")
    func lists() {
        var sum = ModelsSum()
        sum.add(Array(#"{"models":[{"name":"a"}],"object":"list","data":[{"id":"a","meta":{"n":[1,2]}}]}"#.utf8))
        sum.add(Array(#"{"object":"list", "data": [ {"id":"b, \"c\" ]"} , {"id":"a","meta":{"n":[1,2]}} ]}"#.utf8))
        sum.add(Array("nonsense".utf8))
        #expect(
            String(decoding: sum.json, as: UTF8.self)
                == #"{"models":[{"name":"a"}],"object":"list","data":[{"id":"a","meta":{"n":[1,2]}},{"id":"b, \"c\" ]"}]}"#
        )
    }

    @Test("a query names models as llama-server reads it")
    func query() {
        for (query, models) in [
            ("?model=a", ["a"]), ("?x=1&model=a%2Fb&model=c+d", ["a/b", "c d"]), ("?mod%65l=a", ["a"]),
            ("?model=", []), ("?model", []), ("?xmodel=a&models=b", []), ("?", []), ("", []),
            ("?&&model=a=b&", ["a=b"]),
        ] {
            let query = Array(query.utf8)
            let found = Endpoint.models(inQuery: query.span)
            #expect(found == models)
        }
    }

    @Test(
        "a form is unclear that others may read otherwise",
        arguments: [
            (#"name="model"\r\n\r\na"#, false), (#"name=model\r\n\r\na"#, false),
            (#"name="x"\r\n\r\nthe model"#, false), (#"name= "model"\r\n\r\na"#, true),
            (#"name="x"=model\r\n\r\na"#, true), (#"name="model"\r\n\r\na\nb"#, true),
            (#"name="model"; filename="model"\r\n\r\na"#, true),
            (#"name="model"\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\na"#, true),
        ]
    )
    func unclear(part: String, isUnclear: Bool) {
        let part = part.replacing(#"\r"#, with: "\r").replacing(#"\n"#, with: "\n")
        let form = Array("--b\r\nContent-Disposition: form-data; \(part)\r\n--b--\r\n".utf8)
        let found = MultipartForm.isUnclear("model", in: form.span)
        #expect(found == isUnclear)
    }

    @Test("a form is unclear that names its model where it isn't looked for")
    func hidden() {
        let file = String(repeating: "x", count: 70_000)
        func field(_ name: String, _ value: String) -> String {
            "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        let hidden = Array((field("x", file) + field("model", "a") + field("x", file) + "--b--\r\n").utf8)
        let seen = Array((field("x", file) + field("x", file) + field("model", "a") + "--b--\r\n").utf8)
        let value = MultipartForm.value(of: "model", in: hidden.span)
        let isHiddenUnclear = MultipartForm.isUnclear("model", in: hidden.span)
        let isSeenUnclear = MultipartForm.isUnclear("model", in: seen.span)
        #expect(value == nil && isHiddenUnclear && !isSeenUnclear)
    }
}
