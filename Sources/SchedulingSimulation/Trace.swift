import Scheduling

/// The last events in words, if somebody wants to know.
struct Trace {
    let isOn: Bool
    var step = 0
    var now = Instant(nanoseconds: 0)
    private(set) var lastEvents: [String] = []

    private static let length = 40

    init(isOn: Bool) {
        self.isOn = isOn
    }

    mutating func note(_ text: @autoclosure () -> String) {
        guard isOn else { return }
        if lastEvents.count == Self.length { lastEvents.removeFirst() }
        lastEvents.append("step \(step), \(now.nanoseconds / 1_000_000) ms: \(text())")
    }
}
