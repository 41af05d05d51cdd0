/// A binary min-heap of small integers that records where each one is, so that any can be found and removed.
///
/// The positions are the caller's: several heaps may share one table, as long as each item is in one of them at most.
struct PositionedHeap<Key: Comparable & Sendable>: Sendable {
    struct Node: Sendable {
        var key: Key
        var item: Int32
    }

    /// Where an item is in its heap, -1 for nowhere, by item.
    typealias Positions = [Int32]

    private(set) var nodes: [Node] = []

    var isEmpty: Bool { nodes.isEmpty }
    var count: Int { nodes.count }
    var first: Node? { nodes.first }

    /// The least but one.
    var second: Node? {
        switch nodes.count {
        case 0, 1: nil
        case 2: nodes[1]
        default: nodes[2].key < nodes[1].key ? nodes[2] : nodes[1]
        }
    }

    mutating func insert(_ item: Int32, key: Key, _ positions: inout Positions) {
        nodes.append(Node(key: key, item: item))
        siftUp(from: nodes.count - 1, &positions)
    }

    mutating func replaceKey(at position: Int, with key: Key, _ positions: inout Positions) {
        let grows = nodes[position].key < key
        nodes[position].key = key
        if grows {
            siftDown(from: position, &positions)
        } else {
            siftUp(from: position, &positions)
        }
    }

    mutating func remove(at position: Int, _ positions: inout Positions) {
        positions[Int(nodes[position].item)] = -1
        let last = nodes.removeLast()
        guard position < nodes.count else { return }
        let grows = nodes[position].key < last.key
        nodes[position] = last
        if grows {
            siftDown(from: position, &positions)
        } else {
            siftUp(from: position, &positions)
        }
    }

    private mutating func siftUp(from start: Int, _ positions: inout Positions) {
        let node = nodes[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard node.key < nodes[parent].key else { break }
            nodes[position] = nodes[parent]
            positions[Int(nodes[position].item)] = Int32(position)
            position = parent
        }
        nodes[position] = node
        positions[Int(node.item)] = Int32(position)
    }

    private mutating func siftDown(from start: Int, _ positions: inout Positions) {
        let node = nodes[start]
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].key < nodes[child].key { child += 1 }
            guard nodes[child].key < node.key else { break }
            nodes[position] = nodes[child]
            positions[Int(nodes[position].item)] = Int32(position)
            position = child
        }
        nodes[position] = node
        positions[Int(node.item)] = Int32(position)
    }
}

extension PositionedHeap {
    /// What is wrong with it, in words; empty when nothing is.
    func violations(_ positions: Positions, name: String) -> [String] {
        var found: [String] = []
        for (position, node) in nodes.enumerated() {
            if positions[Int(node.item)] != Int32(position) {
                found.append("\(name): item \(node.item) is at \(position), not at \(positions[Int(node.item)])")
            }
            if position > 0, node.key < nodes[(position - 1) / 2].key {
                found.append("\(name): the key at \(position) is less than its parent's")
            }
        }
        return found
    }
}
