import ExtProcMessages

/// How an Envoy is configured.
enum EnvoyKind: CaseIterable {
    /// As `paddler envoy-config` prints it: it tells heads, and sends requests again.
    case own
    /// The same with `--bodies`.
    case ownWithBodies
    /// As Gateways configure it: bodies go through the picker, both ways, and each request is sent once.
    case gateway

    var comesAgain: Bool {
        switch self {
        case .own, .ownWithBodies: true
        case .gateway: false
        }
    }

    /// With it the picker is told bodies, and carries them.
    var isFullDuplex: Bool { !comesAgain }

    var requestBodyMode: ProcessingRequest.BodyMode {
        switch self {
        case .own: .none
        case .ownWithBodies: .buffered
        case .gateway: .fullDuplex
        }
    }

    var responseBodyMode: ProcessingRequest.BodyMode { isFullDuplex ? .fullDuplex : .none }
}
