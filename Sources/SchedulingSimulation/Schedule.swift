import SeededRandom

/// The steps of a seed that are taken, by their numbers.
///
/// Each step has random numbers of its own: when others are left out, it remains what it was.
public struct Schedule: Equatable, Sendable {
    public let scene: Scene
    public let seed: UInt64
    public let steps: [Int]

    public init(_ scene: Scene, seed: UInt64, steps: [Int]) {
        self.scene = scene
        self.seed = seed
        self.steps = steps
    }

    /// The whole one.
    public init(_ scene: Scene, seed: UInt64, length: Int) {
        self.init(scene, seed: seed, steps: Array(1..<length + 1))
    }

    /// What stands before the first step, and what comes after the last.
    static let beginning = 0
    static let end = -1

    func random(of step: Int) -> SplitMix64 {
        var mixed = SplitMix64(seed: seed)
        return SplitMix64(seed: mixed.next() &+ UInt64(bitPattern: Int64(step)) &* 0xD1B5_4A32_D192_ED03)
    }
}
