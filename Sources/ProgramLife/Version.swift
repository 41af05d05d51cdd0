/// The version of these programs: what `--version` prints and what agents and balancers tell each other.
package enum Version {
    package static let current = "0.1.0"
}
