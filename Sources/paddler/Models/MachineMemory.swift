#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How much memory this machine has.
enum MachineMemory {
    /// Bytes, in a container those that it may take.
    static var bytes: Int {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8),
            let limit = Int(text.prefix { $0.isNumber })
        else { return physical }
        return min(physical, limit)
    }
}
