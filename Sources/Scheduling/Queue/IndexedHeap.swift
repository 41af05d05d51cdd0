/// A min-heap over small integers in which each has one key that can be changed: no stale entries, so no garbage.
struct IndexedHeap<Key: Comparable & Sendable>: Sendable {
    private var heap = PositionedHeap<Key>()
    private var positions: PositionedHeap<Key>.Positions = []

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    /// In no order.
    var items: some Sequence<Int> { heap.nodes.lazy.map { Int($0.item) } }
    /// Least key first; O(n log n).
    var byKey: [Int] { heap.nodes.sorted { $0.key < $1.key }.map { Int($0.item) } }
    var first: PositionedHeap<Key>.Node? { heap.first }
    var second: PositionedHeap<Key>.Node? { heap.second }

    func contains(_ item: Int) -> Bool {
        item < positions.count && positions[item] >= 0
    }

    func key(of item: Int) -> Key? {
        contains(item) ? heap.nodes[Int(positions[item])].key : nil
    }

    /// Inserts the item, or moves it to where this key belongs.
    mutating func set(_ item: Int, to key: Key) {
        while positions.count <= item { positions.append(-1) }
        let position = Int(positions[item])
        if position < 0 {
            heap.insert(Int32(item), key: key, &positions)
        } else {
            heap.replaceKey(at: position, with: key, &positions)
        }
    }

    mutating func remove(_ item: Int) {
        guard contains(item) else { return }
        heap.remove(at: Int(positions[item]), &positions)
    }

    func violations(name: String) -> [String] {
        let present = positions.count { $0 >= 0 }
        let count = present == heap.count ? [] : ["\(name): \(present) positions for \(heap.count) items"]
        return count + heap.violations(positions, name: name)
    }
}
