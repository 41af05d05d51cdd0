import LlamaServer

/// The look into a request's body for `"stream": true` and the model: it gets an answer, whatever the body is, and the same one with space
/// before it or in two pieces.
enum RequestBodies {
    static func run(_ input: [UInt8]) {
        let asks = RequestBody.asksForStream(input.span)
        let padded = Array(" \n".utf8) + input
        guard RequestBody.asksForStream(padded.span) == asks else {
            finding("asks for a stream: \(asks), with space not")
        }
        // Where it is cut depends on the input, and so is the same each time.
        let cut = input.isEmpty ? 0 : Int(input[input.count / 2]) * input.count / 256
        var scan = RequestBodyScan()
        scan.read(input.span.extracting(..<cut))
        scan.read(input.span.extracting(cut...))
        guard scan.asksForStream == asks else { finding("asks for a stream: \(asks), in two pieces not") }
        let model = RequestBody.model(input.span)
        guard scan.model == model else {
            finding("names \(model ?? "no model"), in two pieces \(scan.model ?? "none")")
        }
        var whole = RequestBodyScan()
        whole.read(input.span)
        guard scan.modelPlace == whole.modelPlace else {
            finding("a model stands elsewhere when it comes in two pieces")
        }
        rename(input, whole.modelPlace.map(ModelPlace.json))
        rename(input, MultipartForm.range(of: "model", in: input.span).map(ModelPlace.form))
        let trail = PromptTrail(input.span, whole, kind: .chat, seed: 1)
        guard PromptTrail(input.span, scan, kind: .chat, seed: 1) == trail else {
            finding("a prompt begins otherwise when it comes in two pieces")
        }
        _ = MultipartForm.value(of: "model", in: input.span)
    }

    /// Another name stands where the model was named, and is read there.
    private static func rename(_ input: [UInt8], _ place: ModelPlace?) {
        guard let place else { return }
        let name = "a\"\\\u{1F600}b"
        var renamed = input
        renamed.replaceSubrange(place.range, with: place.text(of: name))
        let found =
            switch place {
            case .json: RequestBody.model(renamed.span)
            case .form: MultipartForm.value(of: "model", in: renamed.span)
            }
        guard found == name else { finding("called \(name), and read as \(found ?? "nothing")") }
    }
}
