#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How much memory processes take, as the system sees it. What is on a GPU isn't in it.
enum ResidentMemory {
    /// - Parameter groups: of processes.
    /// - Returns: bytes of all processes of each group together; a group that isn't known, as everywhere but on Linux, is missing.
    static func bytes(of groups: Set<pid_t>) -> [pid_t: Int] {
        #if os(Linux)
            guard !groups.isEmpty, let folder = opendir("/proc") else { return [:] }
            defer { closedir(folder) }
            let page = sysconf(CInt(_SC_PAGESIZE))
            var bytes: [pid_t: Int] = [:]
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard let process = pid_t(name), let found = stat(of: process), groups.contains(found.group) else {
                    continue
                }
                bytes[found.group, default: 0] += found.pages * page
            }
            return bytes
        #else
            return [:]
        #endif
    }

    #if os(Linux)
        /// proc(5), `/proc/PID/stat`: the group is the fifth field, what is resident the twenty-fourth, in pages.
        private static func stat(of process: pid_t) -> (group: pid_t, pages: Int)? {
            let descriptor = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = read(descriptor, &buffer, buffer.count)
            // The second field is a name in parentheses, which may have anything in it.
            guard count > 0, let end = buffer[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
            let fields = String(decoding: buffer[(end + 1)..<count], as: UTF8.self).split(separator: " ")
            guard fields.count > 21, let group = pid_t(fields[2]), let pages = Int(fields[21]) else { return nil }
            return (group, pages)
        }
    #endif
}
