import Testing

@testable import paddler

struct DurationFlagTests {
    @Test(
        "durations are read with their unit, and as seconds without one",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("5", .seconds(5)), ("1.5s", .milliseconds(1500)), ("0", .zero), ("0.25", .milliseconds(250)),
        ]
    )
    func reads(text: String, expected: Duration) throws {
        #expect(try DurationFlag(parsing: text).duration == expected)
    }

    @Test(
        "what is not a duration is refused with an example",
        arguments: [
            "", "s", "ten", "-1s", "10 s", "10S", "1e3", "1.2.3s", "10x", "nan", "inf", "99999999999999h", "١s",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: FlagValueError.self) { try DurationFlag(parsing: text) }
        #expect(error?.description.contains("500ms") == true)
    }

    @Test("durations are shown as one would write them", arguments: ["500ms", "1500ms", "5s", "60s"])
    func shows(text: String) throws {
        #expect(try DurationFlag(parsing: text).description == text)
    }
}
