#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Its description is one line for the operator.
struct LaboratoryFolderFailure: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ reason: String) {
        description = "\(path): \(reason)"
    }

    /// - Parameter number: as the system says it.
    init(_ path: String, _ number: CInt) {
        let reason =
            switch number {
            case EACCES, EPERM, EROFS: "it can't be written there: permission denied"
            case EEXIST: "it is there already: --force replaces it"
            case ENOENT, ENOTDIR: "there is no such folder"
            case ENOSPC, EDQUOT: "no space is left for it"
            default: "it can't be written: \(String(cString: strerror(number)))"
            }
        self.init(path, reason)
    }
}
