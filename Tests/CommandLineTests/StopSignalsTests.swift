import ProgramLife
import Testing

@testable import paddler

@Suite("Signals that ask a process to end")
struct StopSignalsTests {
    @Test("the first ends it gracefully, one in the same moment is the same wish, a later one ends it at once")
    func repetition() {
        var signals = StopSignals()
        #expect(signals.receive(at: .seconds(5)) == .stop)
        #expect(signals.receive(at: .seconds(5)) == .ignore)
        #expect(signals.receive(at: .milliseconds(5999)) == .ignore)
        #expect(signals.receive(at: .seconds(6)) == .stopAtOnce)
    }
}
