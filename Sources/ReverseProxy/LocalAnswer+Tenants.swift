import AccessControl
import PrintableText
import Scheduling

// Requests that their tenant may not make, or not now.

extension LocalAnswer {
    static func tenantOver(_ tenant: Tenant, _ until: CivilDate) -> LocalAnswer {
        var answer = LocalAnswer(
            status: 401,
            type: "authentication_error",
            message: "the last day of \(named(tenant)) was \(until) (UTC): this API key lets nobody in any more",
            refusal: .tenantOver
        )
        answer.asksForKey = true
        return answer
    }

    static func modelForbidden(_ model: String, _ tenant: Tenant) -> LocalAnswer {
        LocalAnswer(
            status: 403,
            type: "permission_error",
            message:
                "\(named(tenant)) may not use the model '\(short(model))'; GET /v1/models lists those that it may use",
            refusal: .modelForbidden
        )
    }

    static func bodyUntold(_ tenant: Tenant) -> LocalAnswer {
        bodyUntold("\(named(tenant)) may not use all models")
    }

    static func bodyUntold(_ why: String) -> LocalAnswer {
        LocalAnswer(
            status: 501,
            type: "not_supported_error",
            message: """
                \(why), and Envoy doesn't tell the endpoint picker bodies; it does with the configuration that paddler envoy-config \
                --bodies prints
                """
        )
    }

    static func modelNotNamed(_ tenant: Tenant) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message:
                "the request names no model, and \(named(tenant)) may not use all; GET /v1/models lists those that it may use"
        )
    }

    static func serverForbidden(_ tenant: Tenant) -> LocalAnswer {
        LocalAnswer(
            status: 403,
            type: "permission_error",
            message: "the server that X-Paddler-Agent names serves no model that \(named(tenant)) may use",
            refusal: .modelForbidden
        )
    }

    static func readingWithBody(_ tenant: Tenant) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: "\(named(tenant)) may not use all models: its GET requests must have no body"
        )
    }

    static func noModelServed(_ tenant: Tenant) -> LocalAnswer {
        LocalAnswer(
            status: 404,
            type: "model_not_found",
            message: "no llama.cpp server serves a model that \(named(tenant)) may use"
        )
    }

    static var modelUnclear: LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message:
                "it is unclear which model this form is for: send one field named model, near its beginning or its end"
        )
    }

    /// - Parameter wait: in nanoseconds.
    static func rateLimited(_ limit: RateLimit, wait: Int64, _ tenant: Tenant) -> LocalAnswer {
        let what =
            switch limit {
            case .requestsPerMinute(let count): count == 1 ? "1 request a minute" : "\(count) requests a minute"
            case .tokensPerMinute(let count): "\(count) tokens a minute"
            case .tokensPerDay(let count): "\(count) tokens a day, which are there again at 00:00 UTC"
            }
        let seconds = max(1, RateLimitFields.seconds(wait))
        return LocalAnswer(
            status: 429,
            type: "rate_limit_error",
            message: "\(named(tenant)) may ask for no more than \(what); try again in \(inWords(seconds))",
            retryAfterSeconds: seconds,
            refusal: .tenantRate
        )
    }

    /// Why a request may not be served in the class that it names; nil: it may, or it names none.
    static func whyNotInClass(_ asker: Asker) -> LocalAnswer? {
        guard let name = asker.requestedClass else { return nil }
        guard let rank = asker.classes.rank(of: name) else { return unknownClass(name, asker.classes) }
        return rank < asker.ownRank ? classTooHigh(name, own: asker.ownRank, asker.classes) : nil
    }

    private static func unknownClass(_ name: String, _ classes: TenantClasses) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message:
                "X-Paddler-Class: there is no class '\(short(name))'; there are \(classes.names.joined(separator: ", "))"
        )
    }

    /// - Parameter own: the rank of the class that it has without asking.
    private static func classTooHigh(_ name: String, own: UInt8, _ classes: TenantClasses) -> LocalAnswer {
        let allowed = classes.names.dropFirst(Int(own)).joined(separator: ", ")
        return LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: "X-Paddler-Class: '\(short(name))' is served before this key's own class; it may name \(allowed)"
        )
    }

    private static func named(_ tenant: Tenant) -> String { "the tenant '\(short(tenant.name))'" }

    private static func inWords(_ seconds: Int) -> String {
        guard seconds >= 120 else { return "\(seconds) s" }
        guard seconds >= 7200 else { return "\((seconds + 59) / 60) min" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}

extension Rejection {
    /// The same, but that nobody is told of models that they may not use.
    func telling(_ allowed: ModelPatterns) -> Rejection {
        switch self {
        case .unknownModel(let model, let known): .unknownModel(model, known: known.filter(allowed.allows))
        case .modelNotNamed(let known): .modelNotNamed(known: known.filter(allowed.allows))
        case .queueFull, .modelQueueFull, .tenantQueueFull, .tenantBusy, .waitTooLong, .waitedTooLong,
            .attemptsExhausted, .noServer, .workNotServed, .modelFailed, .shuttingDown:
            self
        }
    }
}
