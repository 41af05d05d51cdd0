/// A GPU, or another device that models run on, as its driver describes it at one moment. What it doesn't say is nil.
public struct Accelerator: Hashable, Sendable {
    /// The same for whoever reports this device, and no other's, as far as its driver has such a name.
    public var id: String
    /// The machine that it is in, as that calls itself.
    public var host: String
    /// The product's.
    public var name: String
    public var memoryUsedBytes: Int?
    public var memoryTotalBytes: Int?
    /// The part of the last moments in which it worked, 0...1.
    public var utilization: Double?
    public var celsius: Double?

    public init(
        id: String,
        host: String,
        name: String,
        memoryUsedBytes: Int? = nil,
        memoryTotalBytes: Int? = nil,
        utilization: Double? = nil,
        celsius: Double? = nil
    ) {
        self.id = id
        self.host = host
        self.name = name
        self.memoryUsedBytes = memoryUsedBytes
        self.memoryTotalBytes = memoryTotalBytes
        self.utilization = utilization
        self.celsius = celsius
    }

    /// The most of one machine.
    public static let most = ReportLimits.accelerators

    /// UTF-8 bytes of all texts that are said of a machine's: beside the names of models they have to fit into a line.
    private static let textBytes = 6 * 1024

    /// As many as may be said, with their texts shortened and their numbers clamped.
    static func fitting(_ accelerators: [Accelerator]) -> [Accelerator] {
        var bytesLeft = textBytes
        return accelerators.prefix(most).map { $0.fitted() }.filter { one in
            bytesLeft -= one.id.utf8.count + one.host.utf8.count + one.name.utf8.count
            return bytesLeft >= 0 && !one.id.isEmpty
        }
    }

    func validate() throws(ReportError) {
        guard !id.isEmpty else { throw .outOfRange("accelerators.id", "it is empty") }
        for (text, field) in [(id, "id"), (host, "host"), (name, "name")] {
            guard text.utf8.count <= ReportLimits.acceleratorTextBytes else {
                throw .textTooLong("accelerators.\(field)", limit: ReportLimits.acceleratorTextBytes)
            }
        }
        for bytes in [memoryUsedBytes, memoryTotalBytes] {
            guard let bytes, !(ReportLimits.bytes ~= bytes) else { continue }
            throw .outOfRange("accelerators.memory_bytes", "\(bytes)")
        }
        if let utilization, !(0...1 ~= utilization) { throw .outOfRange("accelerators.utilization", "\(utilization)") }
        if let celsius, !(ReportLimits.celsius ~= celsius) { throw .outOfRange("accelerators.celsius", "\(celsius)") }
    }

    private func fitted() -> Accelerator {
        var fitted = self
        fitted.id = Self.fitted(id)
        fitted.host = Self.fitted(host)
        fitted.name = Self.fitted(name)
        fitted.memoryUsedBytes = memoryUsedBytes.map(ReportLimits.bytes.clamp)
        fitted.memoryTotalBytes = memoryTotalBytes.map(ReportLimits.bytes.clamp)
        fitted.utilization = utilization.flatMap { $0.isFinite ? (0...1).clamp($0) : nil }
        fitted.celsius = celsius.flatMap { $0.isFinite ? ReportLimits.celsius.clamp($0) : nil }
        return fitted
    }

    /// Without what takes six bytes for one in JSON.
    private static func fitted(_ text: String) -> String {
        let plain = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 }))
        return ReportLimits.shortened(plain, to: ReportLimits.acceleratorTextBytes)
    }
}

extension Accelerator: Codable {
    enum CodingKeys: String, CodingKey {
        case id
        case host
        case name
        case memoryUsedBytes = "memory_used_bytes"
        case memoryTotalBytes = "memory_total_bytes"
        case utilization
        case celsius
    }
}
