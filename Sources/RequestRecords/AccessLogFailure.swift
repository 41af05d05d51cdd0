/// Why there is no access log.
public struct AccessLogFailure: Error, Equatable, CustomStringConvertible {
    let path: String
    let reason: String

    public var description: String {
        "--access-log: cannot open \(path): \(reason); give a file in a folder that exists and may be written, or -"
    }
}
