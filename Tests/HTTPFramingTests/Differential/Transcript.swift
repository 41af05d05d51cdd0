/// What a parser made of the bytes of one direction of a connection.
struct Transcript: Sendable {
    struct Message: Equatable, Sendable {
        /// Method, target and version; or version and status.
        var start: [String]
        /// Names and values in order, without whitespace around the values.
        var fields: [[String]]
        var body: [UInt8] = []
        var isComplete = false
    }

    var messages: [Message] = []
    /// Why the parser stopped before the end of the bytes, if it did.
    var refusal: String?

    /// The messages before the first that doesn't start with one of `words`.
    func whileStarting(with words: [String]) -> Transcript {
        var transcript = self
        transcript.messages = Array(messages.prefix { words.contains($0.start[0]) })
        return transcript
    }

    /// What is in this transcript and not in that of a reference that is expected to accept all that this one accepts;
    /// nil when there is nothing.
    func excess(over reference: Transcript) -> String? {
        for (index, message) in messages.enumerated() {
            guard index < reference.messages.count else {
                return "message \(index) was accepted, by the reference refused: \(reference.refusal ?? "no reason")"
            }
            let other = reference.messages[index]
            guard message.start == other.start else { return "start line \(message.start), reference \(other.start)" }
            guard message.fields == other.fields else { return "fields \(message.fields), reference \(other.fields)" }
            // Of a body that was refused half-way it doesn't matter what the reference makes.
            guard refusal == nil || message.isComplete else { continue }
            guard message.isComplete == other.isComplete else {
                return "message \(index) is complete: \(message.isComplete), reference \(other.isComplete), "
                    + "refused: \(reference.refusal ?? "no")"
            }
            guard message.body == other.body else {
                return "body of \(message.body.count) bytes, reference \(other.body.count)"
            }
            guard message.isComplete || reference.refusal == nil else {
                return "body of message \(index) was accepted, by the reference refused: \(reference.refusal ?? "")"
            }
        }
        return nil
    }
}

extension String {
    func trimmingWhitespace() -> String {
        let start = self.unicodeScalars.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...end])
    }
}
