import LoopbackPorts

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A pipe that no other child inherits: its end would never be seen.
struct ChildPipe {
    let reading: Int32
    let writing: Int32

    /// To be called where nothing is spawned meanwhile: only the second system call keeps the ends from being inherited.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SocketError("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }
}
