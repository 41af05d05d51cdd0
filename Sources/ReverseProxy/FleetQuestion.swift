import AccessControl
import LlamaServer
import Scheduling

/// What is asked of several servers, and answered with what they say together.
enum FleetQuestion: Equatable {
    case metrics
    /// With further names of some, whether names decide who gets a request, and what no server has at present.
    ///
    /// - Parameter allowed: those that are listed; nil: all.
    case models([Alias], areSeveral: Bool, absent: [AbsentModel] = [], allowed: ModelPatterns?)
    /// Of one server, for all, that serve several models.
    case properties
    /// A change of all servers' adapters.
    case adapters
    /// Which answers go on without their clients.
    case streams
    /// To whoever runs an answer.
    case control

    /// A name beside a model's own.
    struct Alias: Equatable {
        let name: String
        let model: String
    }

    /// Of a question that the balancer words itself; nil: each server gets what the client sent.
    var path: String? {
        switch self {
        case .metrics: "/metrics"
        // Its other names have the same answer.
        case .models: "/v1/models"
        case .properties: "/props"
        case .adapters, .streams, .control: nil
        }
    }

    /// Whether there is an answer although nobody can be asked.
    var isAnsweredHere: Bool {
        switch self {
        case .models(_, _, let absent, _): !absent.isEmpty
        case .properties: true
        case .metrics, .adapters, .streams, .control: false
        }
    }

    /// Whether all servers must hear of it, those too that can't do it now.
    var isForEach: Bool { self == .adapters }

    /// Whether nothing is left to learn from the others.
    func isAnswered(by answer: ServerAnswer) -> Bool {
        guard case .control = self, let text = answer.good else { return false }
        return (try? ControlReply(json: Array(text.utf8)))?.succeeded == true
    }

    /// What the client is told.
    ///
    /// - Parameter answers: of the servers that were asked, each with what clients call it; nil: it gave none.
    func answer(_ answers: [(name: String, answer: ServerAnswer?)]) -> LocalAnswer {
        switch self {
        case .metrics: Self.metrics(answers)
        case .models(let aliases, let areSeveral, let absent, let allowed):
            Self.models(answers, aliases, areSeveral, absent, allowed)
        case .properties: Self.properties(answers)
        case .adapters: Self.change(answers)
        case .streams: Self.streams(answers)
        case .control: control(answers)
        }
    }

    private typealias Answers = [(name: String, answer: ServerAnswer?)]

    private static func metrics(_ answers: Answers) -> LocalAnswer {
        var sum = MetricsSum()
        var count = 0
        for (name, answer) in answers {
            guard let text = answer?.good else { continue }
            sum.add(text, of: name)
            count += 1
        }
        guard count > 0 else {
            // As one alone says it: llama-server's own tests, and those who ask it, expect a 501.
            let isOff = answers.contains { $0.answer?.status == 501 }
            return isOff ? failure(answers) : .noMetrics(servers: answers.count)
        }
        let remark = count < answers.count ? "# \(count) of \(answers.count) servers have answered\n" : ""
        let starts = answers.compactMap { $0.answer?.good == nil ? nil : $0.answer?.processStart }
        // Each counts from its machine's own start: the latest of them wouldn't change with every restart, their sum does.
        return .metrics(remark + sum.text, processStart: starts.isEmpty ? nil : starts.reduce(0, &+))
    }

    private static func properties(_ answers: Answers) -> LocalAnswer {
        guard !answers.isEmpty else { return .json(RouterShape.propertiesOfNobody) }
        guard let text = answers.lazy.compactMap(\.answer?.good).first else { return failure(answers) }
        return .json(String(decoding: RouterShape.properties(Array(text.utf8)), as: UTF8.self))
    }

    private static func models(
        _ answers: Answers,
        _ aliases: [Alias],
        _ areSeveral: Bool,
        _ absent: [AbsentModel],
        _ allowed: ModelPatterns?
    ) -> LocalAnswer {
        var sum = ModelsSum()
        for (_, answer) in answers { if let text = answer?.good { sum.add(Array(text.utf8)) } }
        for model in absent {
            let state = model.state == .loading ? "loading" : "unloaded"
            sum.add(absent: model.names, state: state, hasFailed: model.state == .failed)
        }
        sum.add(aliases.lazy.map { (alias: $0.name, model: $0.model) })
        if areSeveral { sum.addStates() }
        guard !sum.isEmpty else { return .noModels(servers: answers.count) }
        if let allowed { sum.keep(allowed.allows) }
        return .json(String(decoding: sum.json, as: UTF8.self))
    }

    private static func change(_ answers: Answers) -> LocalAnswer {
        var change = SharedChange()
        for (name, answer) in answers { change.add(answer, of: name) }
        return change.answer
    }

    private static func streams(_ answers: Answers) -> LocalAnswer {
        guard answers.contains(where: { $0.answer?.good != nil }) else { return failure(answers) }
        return .json(String(decoding: sumOfStreams(answers.map(\.answer)).json, as: UTF8.self))
    }

    /// - Parameter answers: a server's number is its place.
    static func sumOfStreams(_ answers: [ServerAnswer?]) -> StreamsSum {
        var sum = StreamsSum()
        for (server, answer) in answers.enumerated() {
            if let text = answer?.good { sum.add(Array(text.utf8), of: server) }
        }
        return sum
    }

    /// Of whoever has done it; else what any of the others says.
    private func control(_ answers: Answers) -> LocalAnswer {
        let good = answers.compactMap { $0.answer }.filter { $0.good != nil }
        guard let first = good.first(where: isAnswered) ?? good.first else { return Self.failure(answers) }
        return .json(first.text)
    }

    /// What a server says is wrong, if one says anything.
    private static func failure(_ answers: Answers) -> LocalAnswer {
        answers.lazy.compactMap(\.answer).first.map { LocalAnswer($0) } ?? .noServerAnswered(servers: answers.count)
    }
}
