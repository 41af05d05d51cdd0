#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How many descriptors this process may have open. Each client is one, and each connection to a server.
enum DescriptorLimit {
    /// More than that no system keeps for one process unless told to.
    #if canImport(Darwin)
        // setrlimit(2): more than OPEN_MAX is refused, whatever the hard limit says.
        private static let most: rlim_t = 10240
    #else
        private static let most: rlim_t = 1 << 20
    #endif

    /// Takes what the system allows at most, instead of the 1024 that many give a process to begin with.
    ///
    /// - Returns: how many there are now; nil: the system doesn't say.
    static func raise() -> Int? {
        #if os(Linux) && !canImport(Musl)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            let former = limit.rlim_cur
            limit.rlim_cur = wanted
            // A refusal leaves it as it was.
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = former }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
