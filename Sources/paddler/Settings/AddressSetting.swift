import LlamaServer

/// An address that is set by `NAME-host` and `NAME-port`, or in one piece by `NAME-addr`.
struct AddressSetting: Sendable {
    let host: Setting<String?>
    let port: Setting<Int?>
    /// Several make sense to an agent, which reports to each.
    let addresses: Setting<[NetworkAddress]>
    let fallback: Fallback
    /// Whether it may be a UNIX domain socket.
    let allowsSocket: Bool

    /// What applies where a part isn't given.
    indirect enum Fallback: Sendable {
        case address(NetworkAddress)
        /// What another one comes to.
        case same(AddressSetting, inWords: String)
        /// There is no such address unless one part of it is given; the other is from here.
        case off(NetworkAddress)
    }

    /// - Parameters:
    ///   - name: what the flags begin with, for example `reverseproxy`.
    ///   - abstract: what is there.
    ///   - allowsAnyPort: whether port 0, "any free one", makes sense: where one listens.
    ///   - allowsSocket: whether it may be a UNIX domain socket.
    ///   - repeatHint: says that the address may be given several times; nil: the last one counts.
    init(
        _ name: String,
        _ abstract: String,
        or fallback: Fallback,
        allowsAnyPort: Bool = false,
        allowsSocket: Bool = false,
        repeatHint: String? = nil
    ) {
        self.fallback = fallback
        self.allowsSocket = allowsSocket
        host = Setting(
            "\(name)-host",
            "host",
            abstract,
            whenNone: fallback.hostInWords,
            isNoneWhenEmpty: !allowsAnyPort,
            reading: SettingText.host(portFlag: "--\(name)-port", allAddressesWhenEmpty: allowsAnyPort)
        )
        port = Setting(
            "\(name)-port",
            "port",
            allowsAnyPort ? "Its port; 0 picks a free one." : "Its port.",
            whenNone: fallback.portInWords,
            reading: SettingText.port(lowest: allowsAnyPort ? 0 : 1)
        )
        let read = SettingText.address(allowingZeroPort: allowsAnyPort, allowingSocket: allowsSocket)
        let both = "Both in one: host:port or [v6]:port\(allowsSocket ? ", or unix:/path of a socket" : "")."
        addresses =
            if let repeatHint {
                Setting(several: "\(name)-addr", "address", "\(both) \(repeatHint)", reading: read)
            } else {
                Setting(lastOf: "\(name)-addr", "address", both, reading: read)
            }
    }
}

extension AddressSetting.Fallback {
    fileprivate var hostInWords: String {
        switch self {
        case .address(let address): address.host
        case .same(_, let inWords): "the \(inWords) host"
        case .off(let address): "\(address.host) if the port is given, else none"
        }
    }

    fileprivate var portInWords: String {
        switch self {
        case .address(let address): "\(address.port)"
        case .same(_, let inWords): "the \(inWords) port"
        case .off(let address): "\(address.port) if the host is given, else none"
        }
    }
}
