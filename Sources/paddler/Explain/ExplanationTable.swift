import LogLines
import ManagementClient

/// What would become of a request, for people.
struct ExplanationTable {
    private let document: ExplanationDocument
    private let request: ExplainedRequest

    init(_ document: ExplanationDocument, _ request: ExplainedRequest) {
        self.document = document
        self.request = request
    }

    /// - Parameter width: of the terminal, in columns, to which lines of the table are cut; nil: nothing is cut.
    func lines(width: Int?) -> [String] {
        var lines = [outcome]
        lines += [facts] + [share].compactMap(\.self) + [""]
        lines += table(width: width)
        let more = document.upstreamsTotal - document.upstreams.count
        if more > 0 { lines.append("and \(more) more: see --limit") }
        return lines.map(HarmlessText.line)
    }

    // MARK: - What becomes of it

    private var outcome: String {
        switch document.outcome {
        case "dispatch":
            return "It would go to \(chosen): \(ground)."
        case "held":
            var text = "It would wait for \(chosen), which is busy and has much more of its prompt than an idle server"
            if let limit = document.heldAtMostSeconds { text += ", for \(Self.seconds(limit)) at most" }
            return text + "\(queue)."
        case "queued":
            if let tenant = document.tenant, tenant.isAtMaximumRunning {
                return "It would wait until a request of the tenant \(tenant.name) ends: as many run as may\(queue)."
            }
            return "It would wait for the first slot that becomes idle\(queue)."
        case "reject":
            return "It would be refused with \(document.status ?? 0): \(document.message ?? "")"
        default:
            return "It would be: \(document.outcome) (this balancer is newer than this command)."
        }
    }

    private var chosen: String {
        guard let first = document.upstreams.first, first.address == document.upstream else {
            return document.upstream ?? "a server"
        }
        return first.name.map { "\($0) (\(first.address))" } ?? first.address
    }

    private var queue: String {
        var text = ""
        switch document.ahead {
        case nil: break
        case 0?: text += "; nobody is before it"
        case 1?: text += "; one request\(atMost) is before it"
        case let ahead?: text += "; \(ahead) requests\(atMost) are before it"
        }
        if let wait = document.expectedWaitSeconds { text += "; about \(Self.seconds(wait)) by the pace of the others" }
        return text
    }

    /// Others of its tenant's that come later are behind it, whoever else is before it.
    private var atMost: String { document.tenant == nil ? "" : " at most" }

    /// In words, with the reason as the balancer has it.
    private var ground: String {
        guard let reason = document.reason else { return "the balancer doesn't say why" }
        let words: String? =
            switch reason.prefix(while: { $0 != ";" }) {
            case "only": "no other server can be used for it"
            case "prompt": "it is idle and has most of its prompt"
            case "session": "it is idle and had the session's last request"
            case "least-busy": "it is the least busy, and no idle server is known to have anything of its prompt"
            case "most-idle": "it has most idle slots"
            case "named": "the request names it"
            default: nil
            }
        return words.map { "\($0) (\(reason))" } ?? reason
    }

    // MARK: - What the balancer read

    private var facts: String {
        var facts = [model]
        facts.append(document.slots == 1 ? "it takes one slot" : "it takes \(document.slots) slots")
        if document.isOfSession {
            facts.append("it goes by its session")
        } else if document.promptBytes > 0 {
            facts.append("\(document.promptBytes) bytes of prompt were read")
        } else {
            facts.append("its prompt is too short to matter, or the balancer doesn't look at prompts")
        }
        let text = facts.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// Of its tenant, and its class; nil: neither decides anything.
    private var share: String? {
        guard let tenant = document.tenant else {
            guard request.requestedClass != nil, let name = document.servedClass else { return nil }
            return "It is of the class \(name)."
        }
        var facts = ["It is of the tenant \(tenant.name)" + (document.servedClass.map { ", class \($0)" } ?? "")]
        facts.append("\(Self.count(tenant.running, of: tenant.maximumRunning)) of its requests run")
        facts.append("\(Self.count(tenant.waiting, of: tenant.maximumWaiting)) wait")
        if document.outcome == "queued" {
            switch tenant.tenantsAhead {
            case 0: facts.append("no other is next before it")
            case 1: facts.append("one other is next before it")
            case let count: facts.append("\(count) others are next before it")
            }
        }
        return facts.joined(separator: "; ") + "."
    }

    private static func count(_ count: Int, of limit: Int?) -> String {
        limit.map { "\(count) of at most \($0)" } ?? "\(count)"
    }

    private var model: String {
        switch document.modelResolution {
        case "any":
            document.model.map { "it names the model \($0), and all servers serve one model" }
                ?? "all servers serve one model"
        case "named": "it is for the model \(document.resolvedModel ?? "")"
        case "alias": "its model's name is an alias of \(document.resolvedModel ?? "")\(passedOver)"
        case "default": "it names no model, and the default is \(document.resolvedModel ?? "")"
        case "nameless": "it names no model, and is for servers that name none either"
        case "unknown" where !document.aliasModels.isEmpty:
            "its model's name, \(document.resolvedModel ?? ""), is an alias, and no server serves anything that it stands for"
        case "unknown": "it is for the model \(document.resolvedModel ?? ""), which no server serves"
        case "not_named": "it names no model, and there are several"
        default: "its model: \(document.modelResolution)"
        }
    }

    /// The models that come before the one that it gets, and why it doesn't get them.
    private var passedOver: String {
        let first = document.aliasModels.prefix { !$0.isChosen }
        guard !first.isEmpty, first.count < document.aliasModels.count else { return "" }
        return ", and not of "
            + first.map { "\($0.model) (\($0.why ?? "the balancer doesn't say why"))" }.joined(separator: ", ")
    }

    // MARK: - Server by server

    private func table(width: Int?) -> [String] {
        guard !document.upstreams.isEmpty else { return ["There is no server."] }
        let head = ["", "SERVER", "ADDRESS", "IDLE", "CACHED", "WHY NOT"]
        let rows = document.upstreams.map { upstream in
            [
                upstream.address == document.upstream ? ">" : "",
                upstream.name ?? upstream.id,
                upstream.address,
                "\(upstream.slotsIdle) of \(upstream.slotsTotal)",
                upstream.promptBytesFound > 0 ? "\(upstream.promptBytesFound)" : "-",
                upstream.why ?? "",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).reduce(0) { max($0, $1[column].count) } }
        return ([head] + rows).map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - text.count)
                // Numbers stand under each other's ends.
                line += (column == 3 || column == 4 ? space + text : text + space) + "  "
            }
            while line.last == " " { line.removeLast() }
            guard let width, line.count > width else { return line }
            return String(line.prefix(max(1, width - 1))) + "…"
        }
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int((min(seconds, 1e9) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
