/// A host name or IP address with a TCP port, or a UNIX domain socket: where a server is reached or listens.
public struct NetworkAddress: Hashable, Sendable {
    /// A name, an IPv4 address, an IPv6 address without its brackets, or `unix:` and a socket's absolute path.
    public let host: String
    /// 0...65535, where 0 means "any free port" to those who listen, and nothing to those who connect. 0 of a socket.
    public let port: Int

    /// - Parameters:
    ///   - host: taken as it is: who has a text from a person uses `init(parsing:)`.
    ///   - port: 0...65535.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[v6]:port`.
    ///
    /// - Parameters:
    ///   - text: as a person or a peer wrote it.
    ///   - allowingZeroPort: whether port 0 makes sense, which it does to listen.
    ///   - allowingSocket: whether `unix:/path` makes sense, which it does to reach a llama-server.
    public init(
        parsing text: String,
        allowingZeroPort: Bool = false,
        allowingSocket: Bool = false
    ) throws(NetworkAddressError) {
        if allowingSocket, text.hasPrefix(Self.socketPrefix) {
            guard Self.isSocket(text) else { throw .notASocket(text) }
            self.init(host: text, port: 0)
            return
        }
        let (host, port) = try Self.split(text)
        guard !host.isEmpty else { throw .noHost(text) }
        guard host.utf8.count <= Self.longestHost, host.utf8.allSatisfy(Self.isHostByte) else {
            throw .notAHost(text, host: String(host))
        }
        guard let port else { throw .noPort(text, host: String(host)) }
        guard port.utf8.count <= 5, port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int(port), (allowingZeroPort ? 0 : 1)...65535 ~= number
        else { throw .notAPort(text, port: String(port), lowest: allowingZeroPort ? 0 : 1) }
        self.init(host: String(host), port: number)
    }

    private static let socketPrefix = "unix:"
    /// unix(7): 108 bytes with the end of the string on Linux, 104 on other systems.
    private static let longestSocketPath = 103

    private static func isSocket(_ text: String) -> Bool {
        let path = text.dropFirst(socketPrefix.count)
        return path.hasPrefix("/") && !path.hasSuffix("/") && path.utf8.count <= longestSocketPath
            && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// - Parameter path: absolute.
    public init(socketPath path: String) {
        self.init(host: Self.socketPrefix + path, port: 0)
    }

    /// The path of a UNIX domain socket (`--host /run/llama.sock` of llama-server); nil: it is a host with a port.
    public var socketPath: String? {
        host.hasPrefix(Self.socketPrefix + "/") ? String(host.dropFirst(Self.socketPrefix.count)) : nil
    }

    /// What stands in a request's `Host` field. A socket has no name.
    public var authority: String { socketPath == nil ? description : "localhost" }

    /// RFC 1035 3.1: 253 letters make the longest name; a scoped IPv6 address is shorter.
    private static let longestHost = 253

    private static func split(_ text: String) throws(NetworkAddressError) -> (host: Substring, port: Substring?) {
        if text.hasPrefix("[") { return try splitBracketed(text) }
        guard !text.contains("/") else { throw .url(text) }
        guard let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
        let rest = text[text.index(after: colon)...]
        guard !rest.contains(":") else { throw .unbracketed(text) }
        return (text[..<colon], rest)
    }

    private static func splitBracketed(_ text: String) throws(NetworkAddressError) -> (Substring, Substring?) {
        guard let end = text.firstIndex(of: "]") else { throw .noClosingBracket(text) }
        let host = text[text.index(after: text.startIndex)..<end]
        guard host.contains(":") else { throw .notAHost(text, host: "[\(host)]") }
        let rest = text[text.index(after: end)...]
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.first == ":" else { throw .noColon(text) }
        return (host, rest.dropFirst())
    }

    /// What can stand in a name or an address: nothing that could end a header field or begin a path.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default:
            false
        }
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// `host:port`, with brackets around an IPv6 address, as in a URL's authority and a Host field; `unix:/path`.
    public var description: String {
        if socketPath != nil { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension NetworkAddress: Codable {
    /// One string, as `description` writes it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(parsing: container.decode(String.self), allowingSocket: true)
        } catch let error as NetworkAddressError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
