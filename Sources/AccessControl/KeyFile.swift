#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of keys: one a line; empty lines and those that begin with `#` are passed over, and so is white space around.
public struct KeyFile: Sendable {
    let path: String
    /// The flag that names it, for error messages.
    let flag: String

    /// Room for more keys than anybody gives out.
    static let maximumBytes = 1 << 20

    public init(path: String, flag: String) {
        self.path = path
        self.flag = flag
    }

    /// - Throws: ``KeyFileFailure``.
    public func keys() throws(KeyFileFailure) -> KeySet {
        Self.keys(in: try text())
    }

    /// For who shows a key instead of asking for one.
    ///
    /// - Throws: ``KeyFileFailure``, also when there is no key in it, or one that no header can carry.
    public func firstKey() throws(KeyFileFailure) -> String {
        guard let key = Self.lines(in: try text()).first else {
            throw KeyFileFailure(file: self, reason: "there is no key in it")
        }
        // RFC 9110 5.5, without the spaces.
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KeyFileFailure(file: self, reason: "its first key has characters other than visible ASCII")
        }
        return key
    }

    private func text() throws(KeyFileFailure) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw KeyFileFailure(file: self, reason: Self.reason(error))
        }
        guard data.count <= Self.maximumBytes else {
            throw KeyFileFailure(file: self, reason: "it is larger than \(Self.maximumBytes) bytes")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// What changes when the file does, without a look inside; nil when there is none.
    func fingerprint() -> Fingerprint? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Fingerprint(
            modified: attributes[.modificationDate] as? Date,
            size: attributes[.size] as? Int,
            number: attributes[.systemFileNumber] as? Int
        )
    }

    struct Fingerprint: Equatable {
        let modified: Date?
        let size: Int?
        let number: Int?
    }

    static func keys(in text: String) -> KeySet {
        KeySet(lines(in: text))
    }

    private static func lines(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline)
            .map { String($0.trimmingWhitespace) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

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
    public let description: String

    init(file: KeyFile, reason: String) {
        description = "\(file.flag): \(file.path): \(reason)"
    }
}

extension Substring {
    fileprivate var trimmingWhitespace: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
