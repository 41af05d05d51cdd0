#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#elseif canImport(Glibc)
    import Glibc
#endif

/// Where systemd connected a service's output with its journal, as it says in `JOURNAL_STREAM` (systemd.exec(5)).
package struct JournalStream: Equatable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// - Parameter text: `device:inode`, in decimal.
    init?(parsing text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.init(device: device, inode: inode)
    }

    /// Whether lines of standard error go to the journal, which then reads their priority from a `<4>` in front of them
    /// (sd-daemon(3)). The variable alone says nothing: it is inherited by processes whose output goes elsewhere.
    package static let isStandardError: Bool = {
        #if os(Windows)
            return false
        #else
            return isStandardErrorOfUNIX
        #endif
    }()

    #if !os(Windows)
        private static var isStandardErrorOfUNIX: Bool {
            guard let text = getenv("JOURNAL_STREAM"), let stream = JournalStream(parsing: String(cString: text)) else {
                return false
            }
            var status = stat()
            guard fstat(STDERR_FILENO, &status) == 0 else { return false }
            return stream == JournalStream(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        }
    #endif
}
