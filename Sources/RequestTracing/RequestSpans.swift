import LlamaServer
public import RequestRecords
import Scheduling

/// The spans of a request that ended: its own, which is a server's, and below it one for each wait and each attempt. What they
/// and their attributes mean stands in docs/tracing.md.
///
/// Names are those of OpenTelemetry's semantic conventions for HTTP and for generative AI; where there are none, they begin
/// with `paddler.` and are those of the access log.
public struct RequestSpans {
    let record: RequestRecord
    let course: RequestCourse
    let endpoint: TracedEndpoint

    /// nil: it isn't traced.
    init?(_ record: RequestRecord) {
        guard let course = record.course else { return nil }
        self.record = record
        self.course = course
        endpoint = TracedEndpoint(record.endpoint)
    }

    /// How many spans a request has; 0 if it isn't traced.
    public static func count(_ record: borrowing RequestRecord) -> Int {
        guard let spans = RequestSpans(copy record) else { return 0 }
        return spans.course.steps.reduce(1) { sum, step in
            switch step.step {
            case .wait: sum + 1
            case .attempt(let attempt): sum + 1 + spans.phases(of: attempt).count
            }
        }
    }

    /// All of them; the request's own is the first.
    var all: [TraceSpan] {
        course.steps.reduce(into: [own]) { spans, step in
            switch step.step {
            case .wait(let start, let end):
                spans.append(child(step.number, "queue", start, end ?? self.end))
            case .attempt(let attempt):
                add(attempt, number: step.number, to: &spans)
            }
        }
    }

    // MARK: - Its own

    private var own: TraceSpan {
        TraceSpan(
            trace: course.trace,
            id: course.span,
            parent: course.parent,
            hasRemoteParent: course.parent != nil,
            name: endpoint.name(model: record.model),
            kind: .server,
            start: time(record.arrived),
            end: time(end),
            attributes: httpAttributes + modelAttributes + ownAttributes,
            status: status
        )
    }

    private var httpAttributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        attributes.add("http.request.method", endpoint.method)
        attributes.add("http.request.method_original", endpoint.unknownMethod)
        attributes.add("url.scheme", course.isSecure ? "https" : "http")
        attributes.add("url.path", endpoint.path)
        attributes.add("http.route", endpoint.route)
        attributes.add("http.response.status_code", record.status == 0 ? nil : record.status)
        attributes.add("client.address", record.client.isEmpty ? nil : record.client)
        attributes.add("error.type", errorType)
        return attributes
    }

    private var modelAttributes: [SpanAttribute] {
        guard let operation = endpoint.operation else { return [] }
        var attributes: [SpanAttribute] = []
        attributes.add("gen_ai.operation.name", operation.rawValue)
        attributes.add("gen_ai.provider.name", "llama.cpp")
        attributes.add("gen_ai.request.model", record.model)
        attributes.add("gen_ai.response.model", lastAttempt?.model)
        if let token = record.firstToken {
            attributes.append(SpanAttribute("gen_ai.request.stream", .flag(true)))
            let seconds = Double(token.nanoseconds - record.arrived.nanoseconds) / 1e9
            attributes.append(SpanAttribute("gen_ai.response.time_to_first_chunk", .decimal(seconds)))
        }
        attributes.add("gen_ai.usage.input_tokens", record.tokensPrompt)
        attributes.add("gen_ai.usage.cache_read.input_tokens", record.usage?.promptCached)
        attributes.add("gen_ai.usage.output_tokens", record.tokensGenerated)
        return attributes
    }

    private var ownAttributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        attributes.add("paddler.request_id", identifier)
        attributes.add("paddler.tenant", record.tenant)
        attributes.add("paddler.outcome", record.outcome.kind.rawValue)
        attributes.add("paddler.outcome_reason", record.outcome.reason)
        attributes.add("paddler.attempts", record.attempts)
        attributes.add("paddler.upstream_name", record.upstreamName)
        attributes.add("paddler.upstream_reason", record.choice?.description)
        return attributes
    }

    private var identifier: String {
        switch record.identifier {
        case .given(let text):
            return text
        case .made(let high, let low):
            var digits: [UInt8] = []
            digits.writeHex(high)
            digits.writeHex(low)
            return String(decoding: digits, as: UTF8.self)
        }
    }

    private var lastAttempt: RequestAttempt? {
        guard case .attempt(let attempt) = course.steps.last?.step else { return nil }
        return attempt
    }

    // MARK: - How it ended

    private var status: TraceSpan.Status {
        switch record.outcome {
        case .failed, .timedOut, .cut, .clientLeft: .failed(inWords)
        case .refused: record.status >= 500 ? .failed(inWords) : .unset
        case .answered: record.status >= 500 ? .failed(nil) : .unset
        case .answeredHere, .running: .unset
        }
    }

    private var errorType: String? {
        switch status {
        case .unset: nil
        case .failed(nil): "\(record.status)"
        case .failed: errorTypeOfOutcome
        }
    }

    /// Of one that wasn't answered.
    var errorTypeOfOutcome: String {
        switch record.outcome {
        // Their reasons are where and when, not what.
        case .timedOut, .clientLeft: record.outcome.kind.rawValue
        case .failed, .cut, .refused, .answered, .answeredHere, .running:
            record.outcome.reason ?? record.outcome.kind.rawValue
        }
    }

    var inWords: String {
        let words = [record.outcome.kind.rawValue, record.outcome.reason].compactMap(\.self).joined(separator: ": ")
        return String(words.map { $0 == "_" ? " " : $0 })
    }

    // MARK: - Its steps

    var end: Instant { record.ended ?? record.arrived }

    /// In nanoseconds since 1970.
    private func time(_ moment: Instant) -> Int64 {
        record.time + moment.nanoseconds - record.arrived.nanoseconds
    }

    func child(
        _ number: Int,
        part: Int = 0,
        _ name: String,
        kind: TraceSpan.Kind = .internal,
        _ start: Instant,
        _ end: Instant
    ) -> TraceSpan {
        TraceSpan(
            trace: course.trace,
            id: course.span.child(forStep: number, part: part),
            parent: part == 0 ? course.span : course.span.child(forStep: number),
            name: name,
            kind: kind,
            start: time(start),
            end: time(max(start, end))
        )
    }
}
