#if os(Linux)
    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif
    import FoundationEssentials
#endif

/// The program's machine code in memory.
enum ProgramText {
    /// Gives back what only starting needed: 8 MB of 22. When a page is wanted after all, the system takes it from its
    /// cache of the file again, which costs a microsecond.
    static func release() {
        #if os(Linux)
            guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            for line in maps.split(separator: "\n") {
                // `start-end r-xp offset device inode path`: never written to, so that nothing is lost.
                let fields = line.split(separator: " ", maxSplits: 5)
                guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }) == program ?? ""
                else {
                    continue
                }
                let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
                guard bounds.count == 2, let start = UnsafeMutableRawPointer(bitPattern: bounds[0]) else { continue }
                madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED)
            }
        #endif
    }
}
