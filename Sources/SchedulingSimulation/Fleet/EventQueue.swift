import Scheduling

/// What will happen, by its time; at the same time, in the order in which it was planned.
struct EventQueue<Event> {
    private struct Entry {
        var time: Instant
        var number: UInt64
        var event: Event
    }

    private var heap: [Entry] = []
    private var last: UInt64 = 0

    var nextTime: Instant? { heap.first?.time }

    mutating func add(_ event: Event, at time: Instant) {
        last += 1
        heap.append(Entry(time: time, number: last, event: event))
        var position = heap.count - 1
        while position > 0, comesBefore(position, (position - 1) / 2) {
            heap.swapAt(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    mutating func removeFirst() -> Event? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first.event }
        heap[0] = last
        var position = 0
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, comesBefore(child + 1, child) { child += 1 }
            guard comesBefore(child, position) else { break }
            heap.swapAt(position, child)
            position = child
        }
        return first.event
    }

    private func comesBefore(_ one: Int, _ other: Int) -> Bool {
        (heap[one].time, heap[one].number) < (heap[other].time, heap[other].number)
    }
}
