#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A folder that one process has for itself, for as long as this lives.
final class FolderLock: Sendable {
    private let descriptor: CInt

    enum Refusal: Error {
        case isTaken
        /// It isn't there, or this process may not write to it.
        case isUnusable
    }

    init(_ folder: String) throws(Refusal) {
        descriptor = open("\(folder)/models.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .isUnusable }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .isTaken
        }
    }

    deinit {
        close(descriptor)
    }
}
