import Testing

@testable import paddler

struct ByteCountFlagTests {
    @Test(
        "sizes are read with their unit, and as bytes without one",
        arguments: [
            ("64MiB", 67_108_864), ("512mib", 536_870_912), ("1GiB", 1_073_741_824), ("1MB", 1_000_000),
            ("2kB", 2000), ("4KiB", 4096), ("100", 100), ("7B", 7), ("0", 0),
        ]
    )
    func reads(text: String, expected: Int) throws {
        #expect(try ByteCountFlag(parsing: text).bytes == expected)
    }

    @Test(
        "what is not a size is refused with an example",
        arguments: ["", "MiB", "-1", "1.5MiB", "1 MiB", "1TiB", "0x10", "many"]
    )
    func refuses(text: String) {
        let error = #expect(throws: FlagValueError.self) { try ByteCountFlag(parsing: text) }
        #expect(error?.description.contains("64MiB") == true)
    }

    @Test("a size that doesn't fit is refused", arguments: ["9999999999GiB", "99999999999999999999"])
    func refusesOverflow(text: String) {
        #expect(throws: FlagValueError.self) { try ByteCountFlag(parsing: text) }
    }

    @Test(
        "sizes are shown in the largest unit that fits",
        arguments: [("1024", "1KiB"), ("65536KiB", "64MiB"), ("1000", "1000")]
    )
    func shows(text: String, expected: String) throws {
        #expect(try ByteCountFlag(parsing: text).description == expected)
    }
}
