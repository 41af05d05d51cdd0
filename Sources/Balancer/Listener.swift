/// The two doors of a balancer.
enum Listener: String, CaseIterable, Sendable {
    case management
    case reverseProxy = "reverse_proxy"

    var inWords: String {
        switch self {
        case .management: "management"
        case .reverseProxy: "the reverse proxy"
        }
    }

    var portFlag: String {
        switch self {
        case .management: "--management-port"
        case .reverseProxy: "--reverseproxy-port"
        }
    }

    var hostFlag: String {
        switch self {
        case .management: "--management-host"
        case .reverseProxy: "--reverseproxy-host"
        }
    }
}
