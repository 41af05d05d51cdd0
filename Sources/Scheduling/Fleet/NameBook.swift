/// Which upstreams bear which name: two that are called alike confuse people.
struct NameBook: Sendable {
    private var bearers: [String: [Int]] = [:]

    func bearers(of name: String) -> [Int] { bearers[name] ?? [] }

    /// - Returns: another one that bears the new name.
    mutating func rename(_ upstream: Int, from old: String?, to new: String?) -> Int? {
        guard old != new else { return nil }
        if let old {
            bearers[old]?.removeAll { $0 == upstream }
            if bearers[old]?.isEmpty == true { bearers[old] = nil }
        }
        guard let new else { return nil }
        let other = bearers[new]?.first
        bearers[new, default: []].append(upstream)
        return other
    }
}
