/// What a request means to whoever spreads requests over several servers.
public enum EndpointKind: Hashable, Sendable {
    /// Occupies a slot.
    case slot(Dialect)
    /// Any server will do, whatever its slots do.
    case free
    /// Belongs to one particular server: actions on `/slots/ID`, `/v1/chat/completions/control`, `/v1/stream…`,
    /// `/lora-adapters`, and the changing of `/props` or of a router's models.
    case singleServer
    /// `GET /slots`, which describes one server only.
    case slots
    /// `/metrics`, in which each server counts for itself.
    case metrics
    /// `GET /v1/models` and its other names: what is served. Each server lists its own.
    case models
    /// `/health` and `/v1/health`, which a balancer answers itself.
    case health
}
