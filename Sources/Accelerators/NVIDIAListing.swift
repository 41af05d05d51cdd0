import AgentProtocol

/// What `nvidia-smi` prints of the GPUs of a machine: a line for each.
enum NVIDIAListing {
    /// `nounits` are MiB, percent and degrees Celsius.
    static let arguments = [
        "--query-gpu=uuid,name,memory.used,memory.total,utilization.gpu,temperature.gpu",
        "--format=csv,noheader,nounits",
    ]

    private static let separator = ", "
    /// Behind the name, which may have anything in it.
    private static let numbers = 4

    /// - Returns: those of lines that begin with a GPU's id; others are complaints.
    static func accelerators(in output: String, host: String) -> [Accelerator] {
        output.split(whereSeparator: \.isNewline).compactMap { accelerator(of: $0, host: host) }
    }

    private static func accelerator(of line: Substring, host: String) -> Accelerator? {
        let fields = line.split(separator: separator, omittingEmptySubsequences: false)
        guard fields.count >= 2 + numbers, fields[0].hasPrefix("GPU-") else { return nil }
        // What isn't known is [N/A], [Not Supported], [Unknown Error] or the like: of a part of a GPU (MIG), of memory that is shared.
        let values = fields.suffix(numbers).map { Double($0.filter { $0 != " " }) }
        return Accelerator(
            id: String(fields[0]),
            host: host,
            name: fields[1..<(fields.count - numbers)].joined(separator: separator),
            memoryUsedBytes: values[0].flatMap(bytes(ofMebibytes:)),
            memoryTotalBytes: values[1].flatMap(bytes(ofMebibytes:)),
            utilization: values[2].map { $0 / 100 },
            celsius: values[3]
        )
    }

    private static func bytes(ofMebibytes count: Double) -> Int? {
        guard 0...1e12 ~= count else { return nil }
        return Int(count) << 20
    }
}
