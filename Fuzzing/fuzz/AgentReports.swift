import AgentProtocol

/// What agents and balancers say to each other, in all dialects. The first byte chooses one.
enum AgentReports {
    static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        switch first % 4 {
        case 0: lines(rest)
        case 1: objects(rest)
        case 2: _ = try? TargetRegistration(json: rest)
        default: message(rest)
        }
    }

    // MARK: - Ours

    private static func lines(_ input: [UInt8]) {
        let (pieces, bytes) = pieces(of: input)
        var reader = MessageLines(limit: 200)
        var inPieces: [[UInt8]] = []
        var start = 0
        var isTooLong = false
        for piece in pieces where !isTooLong {
            let end = min(start + piece, bytes.count)
            do { inPieces += try reader.append(bytes[start..<end]) } catch { isTooLong = true }
            start = end
        }
        var whole = MessageLines(limit: 200)
        guard let lines = try? whole.append(bytes) else {
            guard isTooLong else { finding("a line is too long only when it comes at once") }
            return
        }
        guard !isTooLong, lines == inPieces else { finding("other lines when they come in pieces") }
        for line in lines { message(line) }
    }

    private static func message(_ line: [UInt8]) {
        if case .report(let report)? = try? AgentMessage.decode(line: line) { check(report) }
        guard let said = try? AgentMessage.decode(line: line), let written = try? encodeLine(said) else {
            _ = try? BalancerMessage.decode(line: line)
            return
        }
        guard written.last == UInt8(ascii: "\n"), !written.dropLast().contains(UInt8(ascii: "\n")) else {
            finding("\(said) is written as more than a line")
        }
        guard let again = try? AgentMessage.decode(line: Array(written.dropLast())), again == said else {
            finding("\(said) is read as something else when it is written again")
        }
    }

    private static func check(_ report: StatusReport) {
        var fitted = report
        // Times are the agent's own and no llama-server's.
        fitted.sentAtMilliseconds = 1000
        fitted.slots = nil
        do {
            try fitted.fitted().validated()
        } catch {
            finding("what was made to fit is refused: \(error)")
        }
    }

    // MARK: - Paddler 1.x

    private static func objects(_ input: [UInt8]) {
        let (pieces, bytes) = pieces(of: input)
        var reader = JSONObjectSplitter(limit: 200)
        var inPieces: [[UInt8]] = []
        var start = 0
        var hasFailed = false
        for piece in pieces where !hasFailed {
            let end = min(start + piece, bytes.count)
            do { inPieces += try reader.append(bytes[start..<end]) } catch { hasFailed = true }
            start = end
        }
        var whole = JSONObjectSplitter(limit: 200)
        guard let objects = try? whole.append(bytes) else {
            guard hasFailed else { finding("objects are refused only when they come at once") }
            return
        }
        guard !hasFailed, objects == inPieces else { finding("other objects when they come in pieces") }
        for object in objects { _ = try? StatusUpdate.decode(json: object) }
    }
}
