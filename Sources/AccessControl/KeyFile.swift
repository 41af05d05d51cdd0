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

/// A file of keys: one a line; empty lines and those that begin with `#` are passed over, and so is white space around.
public struct KeyFile: Sendable {
    public let path: String
    /// The flag that names it, for error messages.
    let flag: String

    /// Room for more keys than anybody gives out.
    static let maximumBytes = 1 << 20

    public init(path: String, flag: String) {
        self.path = path
        self.flag = flag
    }

    /// For whoever shows a key instead of asking for one.
    ///
    /// - Throws: ``KeyFileFailure``, also when there is no key in it, or one that no header can carry.
    public func firstKey() throws(KeyFileFailure) -> String {
        try firstKey(in: contents())
    }

    func firstKey(in contents: [UInt8]) throws(KeyFileFailure) -> String {
        guard let key = KeyFileLine.keys(in: contents).first else {
            throw KeyFileFailure(file: self, reason: "there is no key in it")
        }
        // RFC 9110 5.5, without the spaces.
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KeyFileFailure(file: self, reason: "its first key has characters other than visible ASCII")
        }
        return String(decoding: key, as: UTF8.self)
    }

    /// - Throws: ``KeyFileFailure``.
    func contents() throws(KeyFileFailure) -> [UInt8] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw KeyFileFailure(file: self, reason: Self.reason(error))
        }
        guard data.count <= Self.maximumBytes else {
            throw KeyFileFailure(file: self, reason: Self.tooLarge)
        }
        return Array(data)
    }

    /// The file as it is now, by whatever links its path leads to it.
    ///
    /// - Returns: nil when it is no regular file: a pipe was read once, and has nothing more to say.
    func look() -> WatchedFile.Look? {
        if let status = status() {
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            guard status.st_size <= Self.maximumBytes else { return .unreadable(Self.tooLarge) }
        }
        do throws(KeyFileFailure) {
            return .contents(try contents())
        } catch {
            return .unreadable(error.reason)
        }
    }

    /// What others on this machine may do with the file, by its permissions; nil: unknown.
    func mode() -> UInt32? {
        status().map { UInt32($0.st_mode) & 0o7777 }
    }

    private func status() -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static let tooLarge = "it is larger than \(maximumBytes) bytes"

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
public struct KeyFileFailure: Error, CustomStringConvertible {
    let reason: String
    public let description: String

    init(file: KeyFile, reason: String) {
        self.reason = reason
        description = "\(file.flag): \(file.path): \(reason)"
    }
}
