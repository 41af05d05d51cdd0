/// The upstreams that have changed since somebody copied them, each once.
struct ChangedUpstreams: Sendable {
    private var indices: [Int32] = []
    private var isListed: [Bool] = []

    var isEmpty: Bool { indices.isEmpty }
    var count: Int { indices.count }

    mutating func note(_ index: Int) {
        if index == isListed.count { isListed.append(false) }
        guard !isListed[index] else { return }
        isListed[index] = true
        indices.append(Int32(index))
    }

    mutating func takeOne() -> Int? {
        guard let index = indices.popLast() else { return nil }
        isListed[Int(index)] = false
        return Int(index)
    }
}
