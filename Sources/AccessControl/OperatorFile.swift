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

/// A file that an operator names by a flag, and may change while it is in use.
public struct OperatorFile: Sendable {
    public let path: String
    /// The flag that names it, for error messages.
    let flag: String

    /// A larger one isn't read.
    private let maximumBytes: Int

    /// - Parameter maximumBytes: if it isn't said, 1 MiB: room for more keys, or names of models, than anybody gives out.
    public init(path: String, flag: String, maximumBytes: Int = 1 << 20) {
        self.path = path
        self.flag = flag
        self.maximumBytes = maximumBytes
    }

    /// What is in it now.
    ///
    /// - Throws: ``FileFailure`` when it can't be read, or is larger than it may be.
    public func contents() throws(FileFailure) -> [UInt8] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw FileFailure(file: self, reason: Self.reason(error))
        }
        guard data.count <= maximumBytes else {
            throw FileFailure(file: self, reason: tooLarge)
        }
        return Array(data)
    }

    /// The file as it is now, by whatever links its path leads to it.
    ///
    /// - Returns: nil when it is no regular file: a pipe was read once, and has nothing more to say.
    func look() -> WatchedFile.Look? {
        if let status = status() {
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            guard status.st_size <= maximumBytes else { return .unreadable(tooLarge) }
        }
        do throws(FileFailure) {
            return .contents(try contents())
        } catch {
            return .unreadable(error.reason)
        }
    }

    /// What others on this machine may do with the file, by its permissions; nil: unknown.
    func mode() -> UInt32? {
        status().map { UInt32($0.st_mode) & 0o7777 }
    }

    /// What others on this machine may do with the file and probably shouldn't, in words.
    package var remarksOnPermissions: [String] { KeyFileRemark.permissions(mode()).map(\.description) }

    private func status() -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private var tooLarge: String { "it is larger than \(maximumBytes) bytes" }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? CocoaError else { return "\(error)" }
        return switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
        case .fileReadNoPermission: "permission denied"
        default: "it cannot be read"
        }
    }
}

/// Its description is one line for the operator.
public struct FileFailure: Error, CustomStringConvertible {
    let path: String
    let reason: String
    public let description: String

    /// - Parameter reason: goes on after the flag and the path.
    public init(file: OperatorFile, reason: String) {
        path = file.path
        self.reason = reason
        description = "\(file.flag): \(file.path): \(reason)"
    }
}
