import ArgumentParser

/// Numbers of steps, as `3,17,204`.
struct StepList: ExpressibleByArgument, CustomStringConvertible {
    let steps: [Int]

    init(steps: [Int]) {
        self.steps = steps
    }

    init?(argument: String) {
        let list = argument == Self.none ? "" : argument
        let numbers = list.split(separator: ",").map { Int($0) }
        let steps = numbers.compactMap { $0 }
        guard steps.count == numbers.count, steps.allSatisfy({ $0 > 0 }) else { return nil }
        self.init(steps: steps)
    }

    var description: String {
        steps.isEmpty ? Self.none : steps.map(String.init).joined(separator: ",")
    }

    private static let none = "none"
}
