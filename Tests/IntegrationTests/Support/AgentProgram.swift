import Foundation
import Testing

/// The programs that an agent may be.
enum AgentProgram: String, CaseIterable, Sendable {
    case paddler
    /// Over URLSession, for machines on which `paddler` doesn't run.
    case standalone = "paddler-agent"

    /// Of the test that runs. `TEST_AGENT=paddler-agent` has all tests use that one which don't say what they use.
    @TaskLocal static var current =
        ProcessInfo.processInfo.environment["TEST_AGENT"].flatMap(AgentProgram.init) ?? .paddler

    /// Whether it takes that as its `--dialect`; `StandaloneAgentTests` sees what it says otherwise.
    func speaks(_ dialect: String) -> Bool { self == .paddler || dialect != "1.x" }

    func start(_ arguments: [String], environment: [String: String]) throws -> ChildProcess {
        let command = self == .paddler ? ["agent"] : []
        return try ChildProcess(BuiltProducts.executable(rawValue), command + arguments, environment: environment)
    }
}

/// Runs a test once with each program as the agent.
struct WithEachAgentProgram: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        for program in AgentProgram.allCases {
            try await AgentProgram.$current.withValue(program) { try await function() }
        }
    }
}

extension Trait where Self == WithEachAgentProgram {
    static var withEachAgentProgram: Self { Self() }
}
