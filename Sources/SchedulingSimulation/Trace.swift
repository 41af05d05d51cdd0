import Scheduling

/// The last events in words, if somebody wants to know.
struct Trace {
    /// How many events are kept; 0: none is put into words.
    let length: Int
    var step = 0
    var now = Instant(nanoseconds: 0)
    private(set) var lastEvents: [String] = []

    init(length: Int) {
        self.length = length
    }

    mutating func note(_ text: @autoclosure () -> String) {
        guard length > 0 else { return }
        if lastEvents.count == length { lastEvents.removeFirst() }
        lastEvents.append("step \(step), \(now.nanoseconds / 1_000_000) ms: \(text())")
    }
}
