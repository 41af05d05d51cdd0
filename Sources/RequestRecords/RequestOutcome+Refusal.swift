extension RequestOutcome {
    /// Why the balancer didn't want a request.
    public enum Refusal: String, Sendable, CaseIterable {
        /// It can't be read, or asks for what makes no sense.
        case invalid = "invalid_request"
        /// It asks for something that the balancer doesn't speak, such as WebSockets.
        case notSupported = "not_supported"
        case noKey = "no_key"
        /// As many requests without a key are being answered as may be.
        case tooManyWithoutKey = "too_many_without_key"
        /// The operator hasn't opened the endpoint.
        case guarded
        case bodyTooLarge = "body_too_large"
        /// The requests that are held take up all bytes that they may.
        case bytesHeld = "bytes_held"
        case queueFull = "queue_full"
        /// As many requests of its tenant as may run or wait were there already.
        case tenantFull = "tenant_full"
        /// Its tenant's last day is over.
        case tenantOver = "tenant_over"
        /// Its tenant has used up its requests or tokens.
        case tenantRate = "tenant_rate"
        /// Its tenant may not use the model.
        case modelForbidden = "model_forbidden"
        case noQueue = "no_queue"
        case waitTooLong = "wait_too_long"
        case noServer = "no_server"
        case unknownModel = "unknown_model"
        case modelNotNamed = "model_not_named"
        /// No server was started for such work.
        case workNotServed = "work_not_served"
        /// It is for one particular server, and doesn't say for which.
        case serverNotNamed = "server_not_named"
        case unknownAgent = "unknown_agent"
        case tooManyServers = "too_many_servers"
        case unknownConversation = "unknown_conversation"
        /// It came from this balancer itself.
        case loop
        /// It was meant for the management address.
        case notHere = "not_here"
        case tooManyConnections = "too_many_connections"
        case shuttingDown = "shutting_down"
    }
}
