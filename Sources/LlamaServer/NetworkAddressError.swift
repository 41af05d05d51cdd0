/// Why a text is not an address: one sentence for whoever wrote it.
public enum NetworkAddressError: Error, Equatable {
    case noHost(String)
    case notAHost(String, host: String)
    case noPort(String, host: String)
    case notAPort(String, port: String, lowest: Int)
    case noClosingBracket(String)
    case noColon(String)
    case unbracketed(String)
    case url(String)
    case notASocket(String)
}

extension NetworkAddressError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noHost(let text) where text.isEmpty:
            "the address is empty; write host:port, for example 127.0.0.1:8088"
        case .noHost(let text):
            "\"\(text)\" has no host; write host:port, for example 127.0.0.1:8088"
        case .notAHost(let text, let host):
            "\"\(text)\": \"\(host)\" is not a host name or an IP address"
        case .noPort(let text, let host) where host.contains(":"):
            "\"\(text)\" has no port; write [address]:port, for example [\(host)]:8088"
        case .noPort(let text, _):
            "\"\(text)\" has no port; write host:port, for example 127.0.0.1:8088"
        case .notAPort(let text, let port, let lowest):
            "\"\(text)\": \"\(port)\" is not a port; give a number from \(lowest) to 65535"
        case .noClosingBracket(let text):
            "\"\(text)\" has no closing bracket; write [address]:port, for example [::1]:8088"
        case .noColon(let text):
            "\"\(text)\" has no colon between bracket and port; write [address]:port, for example [::1]:8088"
        case .url(let text):
            "\"\(text)\" is more than an address; write host:port alone, for example 127.0.0.1:8088"
        case .notASocket(let text):
            "\"\(text)\" is not a socket; write unix: and an absolute path of at most 103 bytes without spaces, for example "
                + "unix:/run/llama.sock"
        case .unbracketed(let text):
            "\"\(text)\": an IPv6 address needs brackets before a port; write [address]:port, for example [::1]:8088"
        }
    }
}
