/// The process may not open as many files as its connections need; the description is one line for the operator.
public struct DescriptorShortage: Error, CustomStringConvertible {
    public let description: String

    /// - Parameters:
    ///   - wanted: clients; nil: any number.
    ///   - most: clients that there are descriptors for.
    ///   - agents: for which places are kept, since so many are wanted; nil: there are no such places.
    init(wanted: Int?, most: Int, descriptors: Int, agents: Int? = nil) {
        let remedy = "raise its limit (ulimit -n, systemd's LimitNOFILE=)"
        let beside = agents.map { " beside the \($0) agents of --max-agents" } ?? ""
        guard let wanted, most > 0 else {
            description =
                "the \(descriptors) descriptors that this process may have open are too few\(beside): \(remedy)"
            return
        }
        description = """
            the \(descriptors) descriptors that this process may have open are enough for \(most) clients\(beside), not for the \
            \(wanted) of --max-connections: \(remedy) or lower the flag
            """
    }
}
