/// The doors of a balancer: two, and one for Envoys that is only there if the operator wants it.
enum Listener: String, CaseIterable, Sendable {
    case management
    case reverseProxy = "reverse_proxy"
    case endpointPicker = "endpoint_picker"

    var inWords: String {
        switch self {
        case .management: "management"
        case .reverseProxy: "the reverse proxy"
        case .endpointPicker: "the endpoint picker"
        }
    }

    var portFlag: String {
        switch self {
        case .management: "--management-port"
        case .reverseProxy: "--reverseproxy-port"
        case .endpointPicker: "--picker-port"
        }
    }

    var hostFlag: String {
        switch self {
        case .management: "--management-host"
        case .reverseProxy: "--reverseproxy-host"
        case .endpointPicker: "--picker-host"
        }
    }
}
