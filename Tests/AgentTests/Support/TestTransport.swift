import Testing

/// By what the agent of a test speaks.
enum TestTransport: CaseIterable, Sendable {
    case nio
    case urlSession

    @TaskLocal static var current = TestTransport.nio
}

/// Runs a test once over each transport.
struct OverEachTransport: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        for transport in TestTransport.allCases {
            try await TestTransport.$current.withValue(transport) { try await function() }
        }
    }
}

extension Trait where Self == OverEachTransport {
    static var overEachTransport: Self { Self() }
}
