/// What a request means to whoever spreads requests over several servers.
public enum EndpointKind: Hashable, Sendable {
    /// Occupies a slot.
    case slot(Dialect)
    /// Any server will do, whatever its slots do.
    case free
    /// `GET /slots`, `/lora-adapters`: how one server is. Each describes itself.
    case described
    /// `GET /props`: the same, and whether it serves one model or several.
    case properties
    /// Changes what one particular server holds, or acts on it: `/slots/ID`, `/props`.
    case singleServer
    /// `POST /models/load` and `/models/unload`: which models are in memory.
    case residency(isLoad: Bool)
    /// `POST /lora-adapters`, by which all servers of a model stay alike if all are told.
    case adapters
    /// `/v1/stream`: an answer that goes on without its client, at the server that runs it.
    case stream
    /// `POST /v1/streams/lookup`: which such answers there are. Each server lists its own.
    case streams
    /// `POST /v1/chat/completions/control`: acts on an answer by its id, at the server that runs it.
    case control
    /// `/metrics`, in which each server counts for itself.
    case metrics
    /// `GET /v1/models` and its other names: what is served. Each server lists its own.
    case models
    /// `/health` and `/v1/health`, which a balancer answers itself.
    case health
}
