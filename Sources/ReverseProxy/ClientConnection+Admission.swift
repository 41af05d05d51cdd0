import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import Scheduling

// A request whose head has been read is let in, or answered here and now.

extension ClientConnection {
    /// What is answered without a server. Who shows no key gets no further than this, but for llama-server's web UI.
    func ownAnswer(to kind: EndpointKind) -> LocalAnswer? {
        if head.method == .connect { return .connectRefused }
        if isOwnRequest { return .loop }
        if isPreflight { return .preflight }
        if isForManagement(kind) { return .notHere }
        if case .health = kind, asksToRead { return health }
        if loop.configuration.asksForKeys {
            switch letIn() {
            case .as(nil): break
            case .as(let tenant?): if let refusal = refusal(of: tenant) { return refusal }
            case .not:
                guard isPublicPage else { return .unauthorized }
                guard loop.beginWithoutKey() else { return .tooManyWithoutKey(limit: ProxyLoop.maximumWithoutKey) }
                request.isWithoutKey = true
            }
        }
        if let refusal = readClass() { return refusal }
        if asksForWebSocket { return .webSocketRefused }
        if loop.stage == .draining { return LocalAnswer(.shuttingDown) }
        if let guarded = guardedEndpoint(kind) { return .forbidden(guarded) }
        return findOwner(of: kind)
    }

    var asksToRead: Bool { head.method == .get || head.method == .head }

    var hasBody: Bool { head.body != .none && head.body != .length(0) }

    private var health: LocalAnswer {
        let (fleet, queued) = loop.dispatcher.load()
        return .health(fleet, queued: queued, failsOnNoSlot: failsOnNoSlot, isDraining: loop.stage == .draining)
    }

    /// As llama-server: whatever the value, if only there is one.
    private var failsOnNoSlot: Bool {
        let query = received.bytes.readableBytesView[relative: head.pathAndQuery].dropFirst(head.path.count + 1)
        let name = "fail_on_no_slot=".utf8
        return query.split(separator: UInt8(ascii: "&")).contains { $0.starts(with: name) && $0.count > name.count }
    }

    private var asksForWebSocket: Bool {
        guard head.method == .get, let line = head.first(.upgrade) else { return false }
        let source = received.bytes
        return source.readableBytesUInt8Span.extracting(line.value).equalsIgnoringCase("websocket")
    }

    // MARK: - From whom, and for whom

    /// Whether this process has sent the request on itself.
    private var isOwnRequest: Bool {
        let source = received.bytes
        for line in head.fields where line.field == .via {
            if loop.name.isNamed(in: source.readableBytesUInt8Span.extracting(line.value)) { return true }
        }
        return false
    }

    /// Fetch standard, 4.8: a browser asks so whether a page may ask. It has no key then.
    private var isPreflight: Bool {
        head.method == .options && head.first(.origin) != nil && head.first(.requestedMethod) != nil
    }

    /// Whether an agent or an operator has taken this for the management address. What they show there, a token, is for no
    /// llama-server.
    private func isForManagement(_ kind: EndpointKind) -> Bool {
        guard case .free = kind else { return false }
        let source = received.bytes
        let path = source.readableBytesUInt8Span.extracting(ownPath)
        return path.begins(with: "/api/v1/agent") || path.begins(with: "/api/v1/buffered_requests")
            || path.begins(with: "/register/target") || path.begins(with: "/status_update/")
    }

    /// Who asks, by the word of the proxies in front of us that are trusted: of those who passed the request on the last one
    /// that isn't.
    var clientAddress: IPAddress? {
        guard peer.isTrustedProxy, let address = peer.address, head.first(.forwardedFor) != nil else {
            return peer.address
        }
        let source = received.bytes
        let values = head.fields.filter { $0.field == .forwardedFor }.map { line in
            String(decoding: source.readableBytesView[relative: line.value], as: UTF8.self)
        }
        return loop.configuration.trustedProxies.client(of: values.joined(separator: ","), at: address)
    }

    // MARK: - Keys

    var isPublicPage: Bool {
        let source = received.bytes
        return asksToRead && !hasBody && Endpoint.isPublicPage(source.readableBytesUInt8Span.extracting(ownPath))
    }

    private enum Admission {
        /// nil: as nobody in particular.
        case `as`(Tenant?)
        case not
    }

    /// As llama-server: the key is in one of two fields, with or without `Bearer` in front of it.
    private func letIn() -> Admission {
        let source = received.bytes
        let bytes = source.readableBytesUInt8Span
        let clientKeys = loop.configuration.clientKeys
        let tenants = loop.configuration.tenants?.current
        for line in head.fields where line.field == .authorization || line.field == .apiKey {
            let key = bytes.hasBearerScheme(line.value) ? line.value.dropFirst(7) : line.value
            if let tenant = tenants?.tenant(showing: bytes.extracting(key)) { return .as(tenant) }
            if clientKeys.isClosed, clientKeys.admits(bytes.extracting(key)) { return .as(tenants?.usual) }
        }
        return .not
    }

    var isTraced: Bool {
        guard !loop.configuration.traceKeys.isEmpty, let line = head.first(.trace) else { return false }
        let source = received.bytes
        let bytes = source.readableBytesUInt8Span
        return loop.configuration.traceKeys.contains(bytes.extracting(line.value))
    }

    /// Any value but those that say no.
    var asksForExplanation: Bool {
        guard let line = head.first(.explain) else { return false }
        let value = received.bytes.readableBytesView[relative: line.value]
        return !["", "0", "false"].contains(String(decoding: value, as: UTF8.self).lowercased())
    }

    /// - Returns: what the operator has not opened.
    private func guardedEndpoint(_ kind: EndpointKind) -> GuardedEndpoint? {
        switch kind {
        case .slot, .health, .metrics: return nil
        // Whoever doesn't read the list of models changes it.
        case .free, .models, .described, .properties, .singleServer, .residency, .adapters, .stream, .streams, .control:
            break
        }
        let source = received.bytes
        let endpoint = Endpoint.guarded(
            isReading: asksToRead || head.method == .options,
            path: source.readableBytesUInt8Span.extracting(ownPath)
        )
        guard let endpoint else { return nil }
        return loop.configuration.opens(endpoint) ? nil : endpoint
    }
}

extension ReverseProxyConfiguration {
    /// Whether nobody is let in without a key.
    var asksForKeys: Bool { clientKeys.isClosed || tenants != nil }

    /// Where there are no keys, there are no clients to keep apart.
    func opens(_ endpoint: GuardedEndpoint) -> Bool {
        openEndpoints.contains(endpoint) || endpoint == .streams && !asksForKeys
    }
}

extension Span<UInt8> {
    /// - Parameter lowercase: in ASCII letters and dashes alone.
    borrowing func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] | 0x20 != lowercase.utf8Start[index] { return false }
        return true
    }

    /// - Parameter lowercase: ASCII letters alone.
    borrowing func containsIgnoringCase(_ lowercase: StaticString) -> Bool {
        let length = lowercase.utf8CodeUnitCount
        guard count >= length else { return false }
        for start in 0...(count - length)
        where extracting(start..<start + length).equalsIgnoringCase(lowercase) { return true }
        return false
    }

    /// RFC 9110 11.1: the scheme's name is case-insensitive.
    fileprivate borrowing func hasBearerScheme(_ range: Range<Int>) -> Bool {
        let scheme: StaticString = "bearer "
        guard range.count > scheme.utf8CodeUnitCount else { return false }
        for index in 0..<scheme.utf8CodeUnitCount
        where self[range.lowerBound + index] | 0x20 != scheme.utf8Start[index] {
            return false
        }
        return true
    }
}
