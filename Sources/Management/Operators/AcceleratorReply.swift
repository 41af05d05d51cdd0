import Scheduling

/// A GPU of a server's machine, in the reply about that server. Others of the same machine list the same.
struct AcceleratorReply: Codable, Equatable {
    /// By which it is the same one in the replies about several servers.
    let id: String
    let host: String
    let name: String
    @NullWhenNil var memoryUsedBytes: Int?
    @NullWhenNil var memoryTotalBytes: Int?
    /// 0...1, to a hundredth.
    @NullWhenNil var utilization: Double?
    @NullWhenNil var celsius: Double?

    init(_ accelerator: Accelerator) {
        id = accelerator.id
        host = accelerator.host
        name = accelerator.name
        memoryUsedBytes = accelerator.memoryUsed
        memoryTotalBytes = accelerator.memoryTotal
        utilization = accelerator.utilization.map { ($0 * 100).rounded() / 100 }
        celsius = accelerator.celsius
    }

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
