import SeededRandom
import Testing

@testable import SchedulingSimulation

@Suite("Shrinking")
struct ShrinkingTests {
    @Test("what is left is what it takes to fail")
    func culprits() {
        let culprits: Set = [17, 400, 401, 993]
        let shortest = Schedule(.scheduler, seed: 1, length: 1000).shrunk { culprits.isSubset(of: $0.steps) }
        #expect(shortest.steps == [17, 400, 401, 993])
        #expect(shortest.seed == 1)
    }

    @Test("one of several reasons to fail is enough")
    func alternatives() {
        let shortest = Schedule(.scheduler, seed: 1, length: 100).shrunk {
            $0.steps.contains(3) || $0.steps.contains(97)
        }
        #expect(shortest.steps.count == 1)
    }

    @Test("what fails without any step is empty")
    func nothing() {
        #expect(Schedule(.scheduler, seed: 1, length: 100).shrunk { _ in true }.steps.isEmpty)
    }

    @Test("a step is the same with and without others")
    func steps() {
        var whole = Schedule(.scheduler, seed: 9, length: 100).random(of: 50)
        var alone = Schedule(.scheduler, seed: 9, steps: [50]).random(of: 50)
        var other = Schedule(.scheduler, seed: 9, steps: [50]).random(of: 51)
        let number = whole.next()
        #expect(number == alone.next())
        #expect(number != other.next())
    }
}
