#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ProcessReading {
    /// Reads four small files of Linux'; takes some ten microseconds. nil on other systems.
    public static func current() -> ProcessReading? {
        #if os(Linux)
            guard let processStat = contents(of: "/proc/self/stat"), let systemStat = contents(of: "/proc/stat"),
                let openDescriptors = entries(in: "/proc/self/fd"), let maximumDescriptors = descriptorLimit()
            else { return nil }
            return ProcessReading(
                processStat: processStat,
                systemStat: systemStat,
                // Without the one by which they are counted.
                openDescriptors: openDescriptors - 1,
                maximumDescriptors: maximumDescriptors,
                ticks: sysconf(Int32(_SC_CLK_TCK)),
                pageSize: sysconf(Int32(_SC_PAGESIZE))
            )
        #else
            return nil
        #endif
    }

    #if os(Linux)
        /// The interrupts of a large machine make `/proc/stat` some ten kilobytes.
        private static let longestFile = 1 << 20

        private static func contents(of path: String) -> String? {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes: [UInt8] = []
            var part = [UInt8](repeating: 0, count: 16384)
            while bytes.count < longestFile {
                let count = read(descriptor, &part, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes += part[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        private static func descriptorLimit() -> Int? {
            var limit = rlimit()
            #if canImport(Glibc)
                let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            #else
                let resource = RLIMIT_NOFILE
            #endif
            return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : nil
        }

        private static func entries(in path: String) -> Int? {
            guard let directory = opendir(path) else { return nil }
            defer { closedir(directory) }
            var count = 0
            while let entry = readdir(directory) {
                // "." and "..": the others are numbers.
                if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
            }
            return count
        }
    #endif
}
