#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file that is appended to, and begun anew at a size. Its calls may block.
struct RotatedFile: ~Copyable {
    let path: String
    private let largest: Int
    /// nil: it isn't open, and is tried again with the next bytes.
    private var open: (descriptor: Int32, size: Int)?
    private var fails = false

    /// What is worth a line of the program's own log.
    enum Change: Equatable {
        case failed(String)
        case works
    }

    init(path: String, largest: Int) {
        self.path = path
        self.largest = largest
    }

    deinit {
        if let open { _ = closeFile(open.descriptor) }
    }

    /// - Returns: whether there is news.
    mutating func append(_ bytes: [UInt8]) -> Change? {
        let failure = write(bytes)
        defer { fails = failure != nil }
        if let failure { return fails ? nil : .failed(failure) }
        return fails ? .works : nil
    }

    private mutating func write(_ bytes: [UInt8]) -> String? {
        if let open, open.size > 0, open.size + bytes.count > largest {
            _ = closeFile(open.descriptor)
            self.open = nil
            guard rename(path, path + ".1") == 0 else { return Self.lastError }
        }
        if open == nil, let failure = openFile() { return failure }
        guard let descriptor = open?.descriptor else { return Self.lastError }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { writeSome(descriptor, $0) }
            guard written > 0 || errno == EINTR else { return Self.lastError }
            rest = rest.dropFirst(max(0, written))
            open?.size += max(0, written)
        }
        return nil
    }

    private mutating func openFile() -> String? {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !folder.isEmpty {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                return "the folder \(folder) can't be made"
            }
        }
        let descriptor = openToAppend(path)
        guard descriptor >= 0 else { return Self.lastError }
        open = (descriptor, max(0, Int(lseek(descriptor, 0, SEEK_END))))
        return nil
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}

/// Out of a type that has an `open` of its own. Its group may read it, and nobody else: prompts may stand in it.
private func openToAppend(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
}

private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
