/// The version of this program: what `--version` prints and what agents and balancers tell each other.
enum Version {
    static let current = "0.1.0"
}
