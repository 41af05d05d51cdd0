import InstanceMetadata
import LlamaServer

/// Hosts that the machine will be asked for, among the texts of settings. Until then they stand where the host will.
enum MetadataHostText {
    static func isMeant(by text: String) -> Bool { MetadataHost.isMeant(by: text) }

    /// - Returns: nil when something else is meant.
    static func host(_ text: String) throws(FlagValueError) -> String? {
        guard MetadataHost.isMeant(by: text) else { return nil }
        do {
            return try MetadataHost(parsing: text).description
        } catch {
            throw FlagValueError("\(error)")
        }
    }

    /// Such a host, a colon and a port: the last colon parts them, for there are others.
    ///
    /// - Returns: nil when something else is meant.
    static func address(_ text: String, lowestPort: Int) throws(FlagValueError) -> NetworkAddress? {
        guard MetadataHost.isMeant(by: text) else { return nil }
        guard
            let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]),
            let host = try host(String(text[..<colon]))
        else {
            throw FlagValueError("\"\(text)\" has no port; write for example \(MetadataHost.examples[0]):8088")
        }
        guard (lowestPort...65535).contains(port) else {
            throw FlagValueError("\(port) is not a port; give one from \(lowestPort) to 65535")
        }
        return NetworkAddress(host: host, port: port)
    }
}
