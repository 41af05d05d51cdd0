import LlamaServer
import Scheduling
import Testing

@Suite("Servers that are faster than others")
struct SpeedTests {
    /// A prompt of 1,000 tokens that took so long.
    private static func took(_ milliseconds: Int) -> ReportedUsage {
        ReportedUsage(promptComputed: 1000, promptCached: 0, generated: 5, promptMilliseconds: milliseconds)
    }

    /// One answer of each server, which says how long its prompt took.
    private static func answerOnce(_ scene: inout Scene, _ milliseconds: [String: Int]) throws {
        let leases = try scene.leases(milliseconds.count)
        for lease in leases {
            scene.finish(lease, use: took(try #require(milliseconds[lease.address.host])))
        }
    }

    @Test("a server that its answers show to be three times as fast gets three times as much, without settings")
    func threeTimes() throws {
        var scene = Scene(slots: [12, 12])
        try Self.answerOnce(&scene, ["a": 900, "b": 300])
        #expect(try scene["b"].speed == 3)
        #expect(try scene["a"].speed == 1)
        let hosts = try scene.leases(12).map(\.address.host)
        #expect(hosts.prefix(3) == ["b", "b", "b"])
        #expect(hosts.count { $0 == "b" } == 9)
        _ = try scene.leases(12)
        #expect(scene.scheduler.summary.slotsIdle == 0)
    }

    @Test("in an idle fleet the fast one gets all that comes one by one, and with weights the product counts")
    func oneByOne() throws {
        var scene = Scene(slots: [2, 2, 2])
        try Self.answerOnce(&scene, ["a": 900, "b": 900, "c": 100])
        #expect(try scene["c"].speed == 8)
        for _ in 0..<3 {
            let lease = try scene.lease()
            #expect(lease.address.host == "c")
            scene.finish(lease)
        }
        scene.report("a", total: 2, weight: 200)
        #expect(try scene.lease().address.host == "a")
    }

    @Test("where most idle slots are wanted, speed decides nothing, and a weight does")
    func mostIdle() throws {
        var scene = Scene(slots: [3, 3]) { $0.balance = .mostIdle }
        try Self.answerOnce(&scene, ["a": 900, "b": 300])
        #expect(try scene["b"].speed == 3)
        #expect(try scene.leases(4).map(\.address.host) == ["a", "b", "a", "b"])
        scene.report("b", total: 3, weight: 4)
        #expect(try scene.lease().address.host == "b")
    }

    @Test("equal servers stay equal, whatever else they did while they were measured")
    func equals() throws {
        var scene = Scene(slots: [4, 4, 4])
        for times in [[500, 800, 990], [900, 700, 510], [650, 1000, 600]] {
            try Self.answerOnce(&scene, ["a": times[0], "b": times[1], "c": times[2]])
        }
        for name in ["a", "b", "c"] { #expect(try scene[name].speed == 1) }
    }

    @Test("a server that is given more by its weight seems no slower for that: its prompts had each other's time")
    func weighted() throws {
        var scene = Scene(slots: [1, 4])
        scene.report("b", total: 4, weight: 4)
        try Self.answerOnce(&scene, ["a": 300, "b": 300])
        for _ in 0..<100 {
            for lease in try scene.leases(5) {
                scene.finish(lease, use: Self.took(lease.address.host == "a" ? 300 : 1200))
            }
        }
        #expect(try scene["a"].speed == 1 && scene["b"].speed == 1)
    }

    @Test("a fleet that is busy from the start shares by weight at once: first answers beside others tell of no speed")
    func busyFromTheStart() throws {
        var scene = Scene(slots: [8, 8])
        scene.report("b", total: 8, weight: 3)
        for _ in 0..<6 {
            let leases = try scene.leases(8)
            let ofB = leases.filter { $0.address.host == "b" }
            #expect(ofB.count == 6)
            // Of the six the last had its prompt computed while the others went on with their answers.
            for lease in leases where lease.address.host == "a" { scene.finish(lease, use: Self.took(300)) }
            for lease in ofB.dropLast() { scene.finish(lease, use: Self.took(1800)) }
            if let last = ofB.last { scene.finish(last, use: Self.took(350)) }
            #expect(try scene["a"].speed == 1 && scene["b"].speed == 1)
        }
    }

    @Test("a server that is slower is found out while it is busy, too")
    func busyAndSlow() throws {
        var scene = Scene(slots: [4, 4])
        for _ in 0..<4 {
            for lease in try scene.leases(4) {
                scene.finish(lease, use: Self.took(lease.address.host == "a" ? 2400 : 600))
            }
        }
        #expect(try scene["a"].speed == 1 && scene["b"].speed == 3)
    }

    @Test("servers of other models, new ones and ones that come back say nothing of how fast these are")
    func others() throws {
        var scene = Scene()
        scene.report("large", total: 1, models: ["large"])
        scene.report("small", total: 1, models: ["small"])
        for (model, time) in [("large", 5000), ("small", 100)] {
            scene.finish(try scene.lease(for: model), use: Self.took(time))
        }
        #expect(try scene["small"].speed == 1)
        scene.report("fast", total: 1, models: ["large"])
        let slow = try scene.lease(for: "large")
        let fast = try scene.lease(for: "large")
        scene.finish(slow.address.host == "fast" ? slow : fast, use: Self.took(500))
        #expect(try scene["fast"].speed == 8)
        // It serves something else from now on.
        scene.report("fast", total: 1, models: ["small"])
        #expect(try scene["fast"].speed == 1)
        scene.leave("small")
        #expect(try scene["large"].speed == 1)
    }

    @Test("answers that say nothing of their pace, or computed little, teach nothing")
    func nothingSaid() throws {
        var scene = Scene(slots: [1, 1])
        let leases = try scene.leases(2)
        scene.finish(
            leases[0],
            use: ReportedUsage(promptComputed: 511, promptCached: 0, generated: 5, promptMilliseconds: 1)
        )
        scene.finish(leases[1], use: Self.took(100_000))
        #expect(try scene["a"].speed == 1 && scene["b"].speed == 1)
    }
}
