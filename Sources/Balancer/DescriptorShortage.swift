/// The process may not open as many files as its connections need; the description is one line for the operator.
public struct DescriptorShortage: Error, CustomStringConvertible {
    public let description: String

    init(wanted: Int?, most: Int, descriptors: Int) {
        let remedy = "raise its limit (ulimit -n, systemd's LimitNOFILE=)"
        guard let wanted, most > 0 else {
            description = "the \(descriptors) descriptors that this process may have open are too few: \(remedy)"
            return
        }
        description = """
            the \(descriptors) descriptors that this process may have open are enough for \(most) clients, not for the \
            \(wanted) of --max-connections: \(remedy) or lower the flag
            """
    }
}
