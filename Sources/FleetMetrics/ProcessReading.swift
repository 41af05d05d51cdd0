/// What the operating system says of this process.
public struct ProcessReading: Equatable, Sendable {
    /// Seconds since 1970.
    public var startTime: Double
    /// In user and system mode together.
    public var cpuSeconds: Double
    public var residentBytes: Int
    public var openDescriptors: Int
    /// The soft limit (`RLIMIT_NOFILE`).
    public var maximumDescriptors: Int

    public init(
        startTime: Double,
        cpuSeconds: Double,
        residentBytes: Int,
        openDescriptors: Int,
        maximumDescriptors: Int
    ) {
        self.startTime = startTime
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.maximumDescriptors = maximumDescriptors
    }

    /// Reads Linux' `/proc/self/stat` and `/proc/stat`, as proc(5) describes them.
    ///
    /// - Parameters:
    ///   - ticks: to a second.
    ///   - pageSize: in bytes.
    /// - Returns: nil if they don't look like that.
    init?(
        processStat: String,
        systemStat: String,
        openDescriptors: Int,
        maximumDescriptors: Int,
        ticks: Int,
        pageSize: Int
    ) {
        // The second field is the program's name in parentheses, which may contain anything, ")" too.
        guard let nameEnd = processStat.lastIndex(of: ")"), ticks > 0 else { return nil }
        let fields = processStat[nameEnd...].split(separator: " ").dropFirst()
        func field(_ number: Int) -> Int? {
            let index = fields.startIndex + number - 3
            return fields.indices.contains(index) ? Int(fields[index]) : nil
        }
        guard let user = field(14), let system = field(15), let start = field(22), let pages = field(24),
            let boot = Self.bootTime(systemStat)
        else { return nil }
        self.init(
            startTime: Double(boot) + Double(start) / Double(ticks),
            cpuSeconds: Double(user + system) / Double(ticks),
            residentBytes: pages * pageSize,
            openDescriptors: openDescriptors,
            maximumDescriptors: maximumDescriptors
        )
    }

    private static func bootTime(_ systemStat: String) -> Int? {
        let line = systemStat.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Int($0.dropFirst("btime ".count)) }
    }
}
