import LlamaServer

/// An address given by `--NAME-host` and `--NAME-port`, or in one piece by `--NAME-addr`.
struct AddressFlags {
    /// What the flags begin with, for example `reverseproxy`.
    let name: String
    let host: String?
    let port: Int?
    let address: String?

    /// - Parameters:
    ///   - fallback: gives what no flag says.
    ///   - allowsAnyPort: whether port 0, "any free one", makes sense: where one listens.
    func resolved(or fallback: NetworkAddress, allowsAnyPort: Bool = false) throws(FlagValueError) -> NetworkAddress {
        if let address {
            try refuseBoth()
            return try Self.parse(address, flag: "--\(name)-addr", allowsAnyPort: allowsAnyPort)
        }
        return NetworkAddress(
            host: try checkedHost() ?? fallback.host,
            port: try checkedPort(lowest: allowsAnyPort ? 0 : 1) ?? fallback.port
        )
    }

    static func parse(
        _ text: String,
        flag: String,
        allowsAnyPort: Bool = false
    ) throws(FlagValueError) -> NetworkAddress {
        do {
            return try NetworkAddress(parsing: text, allowingZeroPort: allowsAnyPort)
        } catch {
            throw FlagValueError("\(flag): \(error)")
        }
    }

    private func refuseBoth() throws(FlagValueError) {
        let parts = [host.map { _ in "--\(name)-host" }, port.map { _ in "--\(name)-port" }].compactMap { $0 }
        guard parts.isEmpty else {
            throw FlagValueError(
                "--\(name)-addr and \(parts.joined(separator: " and ")) say the same thing; use one or the other"
            )
        }
    }

    private func checkedHost() throws(FlagValueError) -> String? {
        guard let host else { return nil }
        let unbracketed = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard !unbracketed.isEmpty else {
            throw FlagValueError("--\(name)-host is empty; give a name or an IP address")
        }
        let asAddress = unbracketed.contains(":") ? "[\(unbracketed)]:1" : "\(unbracketed):1"
        let isOneColon = unbracketed.count(where: { $0 == ":" }) == 1
        guard !isOneColon, (try? NetworkAddress(parsing: asAddress)) != nil else {
            throw FlagValueError(
                "--\(name)-host: \"\(host)\" is not a name or an IP address; a port goes into --\(name)-port"
            )
        }
        return unbracketed
    }

    private func checkedPort(lowest: Int) throws(FlagValueError) -> Int? {
        guard let port else { return nil }
        guard (lowest...65535).contains(port) else {
            throw FlagValueError("--\(name)-port: \(port) is not a port; give one from \(lowest) to 65535")
        }
        return port
    }
}
