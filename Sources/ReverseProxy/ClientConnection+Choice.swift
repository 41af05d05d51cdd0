import HTTPFraming
import NIOCore
import ProxyExchange
import Scheduling

// Who answers, and why, for clients that are told.

extension ClientConnection {
    /// The lines of an answer's head that say so; empty for most.
    func choiceLines(_ target: Target) -> [UInt8] {
        guard request.isTraced || request.isExplained || request.ownership != nil else { return [] }
        // Who shows no key learns no names.
        let isExplained = request.isExplained && !request.isWithoutKey
        var lines: [UInt8] = []
        if request.isTraced {
            lines += "X-Paddler-Upstream: \(target.route.address)\r\n".utf8
        } else if isExplained || request.ownership != nil, let word = word(for: target) {
            lines += "X-Paddler-Upstream: \(word)\r\n".utf8
        }
        guard isExplained else { return lines }
        if let choice = choice(of: target) { lines += "X-Paddler-Reason: \(choice)\r\n".utf8 }
        // Fetch standard, 3.3.3: a page of another site may read no other fields but those that are named so.
        if request.origin != nil {
            lines += "Access-Control-Expose-Headers: X-Paddler-Upstream, X-Paddler-Reason\r\n".utf8
        }
        return lines
    }

    /// What is left out of a server's own head for them.
    static let choiceFields: FieldSet = [.chosenUpstream, .choiceReason]

    /// As `X-Paddler-Agent` takes it.
    private func word(for target: Target) -> String? {
        let upstream = loop.dispatcher.named(target.upstream)
        let words = [upstream?.word, upstream?.agent.rawValue, "\(target.route.address)"]
        // A name may have characters that a field has not.
        return words.lazy.compactMap { $0 }.first { word in
            !word.isEmpty && word.utf8.allSatisfy { 0x20...0x7E ~= $0 } && word.first != " " && word.last != " "
        }
    }

    private func choice(of target: Target) -> Choice? {
        switch target {
        case .slot(let lease): return loop.dispatcher.choice(of: lease)
        case .free:
            guard case .one = request.ownership else {
                return loop.dispatcher.choiceOfFree(for: request.demand.model)
            }
            return Choice(ground: request.namesServer ? .named : .owner)
        }
    }
}
