/// What was waited for didn't come.
struct NotInTime: Error, CustomStringConvertible {
    let description: String
}

/// Something around a test that isn't its subject went wrong.
struct HarnessFailure: Error, CustomStringConvertible {
    let description: String
}

/// Reads until what is read satisfies the condition. The one place where tests sleep: 10 ms between two readings.
///
/// - Parameters:
///   - what: for the failure's message, which also has what was read last.
///   - limit: generous, since it costs nothing where all is well.
/// - Returns: what was read.
/// - Throws: ``NotInTime``. Errors of `read` count as not yet.
@discardableResult
func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(20),
    isolation: isolated (any Actor)? = #isolation,
    _ read: () async throws -> Value,
    satisfies: (Value) -> Bool
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        let seen: String
        do {
            let value = try await read()
            if satisfies(value) { return value }
            seen = "\(value)"
        } catch {
            seen = "\(error)"
        }
        guard ContinuousClock.now < deadline else {
            throw NotInTime(description: "\(what): not within \(limit); last seen: \(seen)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Reads until what is read equals the value.
func eventually<Value: Equatable>(
    _ what: String,
    equals expected: Value,
    within limit: Duration = .seconds(20),
    isolation: isolated (any Actor)? = #isolation,
    _ read: () async throws -> Value
) async throws {
    try await eventually("\(what) is \(expected)", within: limit, read, satisfies: { $0 == expected })
}

/// Asks until the answer is yes.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(20),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, condition, satisfies: { $0 })
}
