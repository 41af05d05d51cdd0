/// The services of a picker by their names.
enum PickerService {
    static let name = "envoy.service.ext_proc.v3.ExternalProcessor"
    /// In bytes: of a message that names a service.
    static let longestName = 1024

    /// The server as a whole, the names that a Gateway asks by, and the service itself.
    static func isKnown(_ service: String) -> Bool {
        ["", "liveness", "readiness", name].contains(service)
    }
}
