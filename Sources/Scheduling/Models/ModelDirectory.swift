/// Which models the fleet serves, by the names that its llama-servers say.
///
/// As long as there is a name that all of them say, the fleet serves one model and names decide nothing: llama-server, too,
/// answers whatever a request calls its model. Those that went without a word count as well, so that the requests for a
/// model whose last server died wait for its return, and aren't answered by another model.
struct ModelDirectory: Sendable {
    private let isStrict: Bool
    /// How many servers say each name.
    private var bearers: [String: Int] = [:]
    /// Servers that say any.
    private var named = 0
    private var ofLost: [String: Int] = [:]
    private var lostNamed = 0

    /// - Parameter isStrict: whether names decide even where there is one model.
    init(isStrict: Bool) {
        self.isStrict = isStrict
    }

    mutating func add(_ names: [String]) {
        guard !names.isEmpty else { return }
        named += 1
        for name in Set(names) { bearers[name, default: 0] += 1 }
    }

    mutating func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        named -= 1
        for name in Set(names) {
            guard let count = bearers[name] else { continue }
            bearers[name] = count > 1 ? count - 1 : nil
        }
    }

    /// - Parameter names: of each upstream that is lost.
    mutating func setLost(_ names: some Sequence<[String]>) {
        ofLost = [:]
        lostNamed = 0
        for names in names where !names.isEmpty {
            lostNamed += 1
            for name in Set(names) { ofLost[name, default: 0] += 1 }
        }
    }

    /// Whether a server says it that is here.
    func isBorne(_ name: String) -> Bool { bearers[name] != nil }

    func isKnown(_ name: String) -> Bool { bearers[name] != nil || ofLost[name] != nil }

    /// Whether there are several models, so that a request's model decides where it may go; O(names).
    var isDivided: Bool {
        let all = named + lostNamed
        guard all > 0, !isStrict else { return all > 0 }
        let isCommon = { (name: String) in bearers[name, default: 0] + ofLost[name, default: 0] == all }
        return !bearers.keys.contains(where: isCommon) && !ofLost.keys.contains(where: isCommon)
    }

    /// In no order.
    var namesOfLost: some Sequence<String> { ofLost.keys }

    /// In the order of the alphabet; O(names log names).
    var names: [String] { Set(bearers.keys).union(ofLost.keys).sorted() }
}
