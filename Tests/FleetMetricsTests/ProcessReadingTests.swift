import Testing

@testable import FleetMetrics

struct ProcessReadingTests {
    private static let stat =
        "77 (a b) c) S 1 77 77 0 -1 4194560 1900 0 0 0 150 50 0 0 20 0 9 0 12345 900000000 2500 18446744073709551615 1 1"

    private func read(_ stat: String, _ system: String) -> ProcessReading? {
        ProcessReading(
            processStat: stat,
            systemStat: system,
            openDescriptors: 7,
            maximumDescriptors: 1024,
            ticks: 100,
            pageSize: 4096
        )
    }

    @Test("Linux' own words are understood, whatever the program's name is")
    func understood() {
        #expect(
            read(Self.stat, "cpu 1 2 3\nintr 5 6\nbtime 1700000000\n")
                == ProcessReading(
                    startTime: 1_700_000_123.45,
                    cpuSeconds: 2,
                    residentBytes: 10_240_000,
                    openDescriptors: 7,
                    maximumDescriptors: 1024
                )
        )
    }

    @Test("what isn't understood is no reading", arguments: ["", "77 (x", "77 (x) S 1 2", "1 (x) S a b c"])
    func notUnderstood(stat: String) {
        #expect(read(stat, "btime 1\n") == nil)
        #expect(read(Self.stat, "cpu 1\n") == nil)
    }

    #if os(Linux)
        @Test("this process has a start, memory and descriptors")
        func current() throws {
            let reading = try #require(ProcessReading.current())
            #expect(reading.startTime > 1_600_000_000)
            #expect(reading.residentBytes > 1_000_000)
            #expect(reading.openDescriptors >= 3 && reading.maximumDescriptors >= reading.openDescriptors)
            #expect(reading.cpuSeconds >= 0)
        }
    #endif
}
