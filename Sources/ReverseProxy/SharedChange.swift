import LlamaServer
import PrintableText

/// What several servers have said to a change that all of them were to make.
struct SharedChange {
    private var done: String?
    private var failures: [(name: String, answer: ServerAnswer?)] = []
    private var count = 0

    /// - Parameters:
    ///   - answer: nil: none came.
    ///   - name: the server's, as clients know it.
    mutating func add(_ answer: ServerAnswer?, of name: String) {
        count += 1
        if let text = answer?.good {
            done = done ?? text
        } else {
            failures.append((name, answer))
        }
    }

    /// The first server's words if all have done it, an error with the names of the others if not.
    var answer: LocalAnswer {
        guard !failures.isEmpty, count > 0 else { return .json(done ?? "{}") }
        let statuses = Set(failures.map { $0.answer?.status })
        // What all refuse is the client's mistake as likely as not.
        let status = done == nil && statuses.count == 1 ? statuses.first.flatMap { $0 } ?? 502 : 502
        let listed = failures.prefix(Self.longestList).map { name, answer in
            "'\(name.printable(atMost: 100))' \(Self.inWords(answer))"
        }
        let rest = failures.count - listed.count
        return LocalAnswer(
            status: status,
            type: status < 500 ? "invalid_request_error" : "upstream_error",
            message: "\(failures.count) of \(count) llama.cpp servers have not done this: "
                + listed.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
        )
    }

    private static let longestList = 10

    private static func inWords(_ answer: ServerAnswer?) -> String {
        guard let answer else { return "gave no answer" }
        let error = ErrorBody(status: answer.status, body: Array(answer.text.utf8))
        return "answered \(answer.status): \(error.message.printable(atMost: 200))"
    }
}
