/// A number of bytes as written on the command line: `64MiB`, `1GiB`, `1MB`; a bare number is bytes.
struct ByteCountFlag: Equatable, Sendable, CustomStringConvertible {
    let bytes: Int

    init(bytes: Int) {
        self.bytes = bytes
    }

    init(parsing text: String) throws(FlagValueError) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard
            let value = Int(digits),
            let unit = Self.bytesPerUnit[text.dropFirst(digits.count).lowercased()]
        else {
            throw FlagValueError(
                "\"\(text)\" is not a size; write for example 64MiB, 1GiB or 1MB (a bare number is bytes)"
            )
        }
        let (bytes, overflow) = value.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw FlagValueError("\"\(text)\" is more than this machine can count") }
        self.bytes = bytes
    }

    private static let bytesPerUnit = [
        "": 1, "b": 1,
        "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
    ]

    var description: String {
        for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        where bytes >= unit && bytes % unit == 0 {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)"
    }
}
