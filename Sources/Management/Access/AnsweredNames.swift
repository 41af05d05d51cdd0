import AccessControl
import LlamaServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which names in `Host` the management listener answers to.
///
/// A page of any site can have its own name point to this listener (DNS rebinding). To the browser it is then of the same
/// origin, so that neither `Origin` nor `Sec-Fetch-Site` gives it away; its name does.
enum AnsweredNames: Equatable, Sendable {
    /// Tokens are asked for, and such a page has none.
    case all
    /// Programs use any name, which agents on other machines must be able to; browsers use these.
    case ofBrowsers(Set<String>)
    /// Programs, too, use these alone: whoever reaches a loopback address knows it as that.
    case known(Set<String>)

    /// - Parameters:
    ///   - address: where the management server listens.
    ///   - hasTokens: whether tokens are asked for.
    ///   - machine: the machine's own name.
    ///   - allowed: further names, without a port.
    init(address: NetworkAddress, hasTokens: Bool, machine: String? = Self.machineName, allowed: [String] = []) {
        guard !hasTokens else {
            self = .all
            return
        }
        let names = Set((allowed + [address.host] + (machine.map { [$0] } ?? [])).map(Self.normalized))
        self = address.isLoopback ? .known(names) : .ofBrowsers(names)
    }

    /// - Parameters:
    ///   - authority: a name or an address, with a port or without, as in `Host`.
    ///   - isBrowser: whether a browser seems to ask.
    func contains(_ authority: String, isBrowser: Bool) -> Bool {
        switch self {
        case .all: true
        case .ofBrowsers(let names): !isBrowser || Self.isIn(names, authority)
        case .known(let names): Self.isIn(names, authority)
        }
    }

    private static func isIn(_ names: Set<String>, _ authority: String) -> Bool {
        let name = normalized(host(of: authority))
        // No page is reached by an address that somebody else could make point here, nor by these names (RFC 6761 6.3).
        return name.isEmpty || name == "localhost" || name.hasSuffix(".localhost") || IPAddress(name) != nil
            || names.contains(name)
    }

    /// Without its port.
    static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    private static func normalized(_ name: String) -> String {
        let lowercased = name.lowercased()
        return lowercased.hasSuffix(".") ? String(lowercased.dropLast()) : lowercased
    }

    /// What this machine is called; nil if it has no name.
    static let machineName: String? = {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return nil }
        let name = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }()
}
