import Foundation
import KeyFileText

/// A file whose first key is what balancers ask of agents.
struct TokenFile: Sendable {
    let path: String

    private static let mostBytes = 1 << 20

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What is in it now.
    ///
    /// - Throws: ``Failure``.
    func token() throws(Failure) -> String {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw failure(Self.reason(error))
        }
        guard bytes.count <= Self.mostBytes else { throw failure("it is larger than \(Self.mostBytes) bytes") }
        do throws(KeyFileLine.NoKey) {
            return try KeyFileLine.firstKey(in: Array(bytes))
        } catch {
            throw failure("\(error)")
        }
    }

    private func failure(_ reason: String) -> Failure {
        Failure(description: "--management-token-file: \(path): \(reason)")
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoSuchFile?, .fileNoSuchFile?: "there is no such file"
        case .fileReadNoPermission?: "permission denied"
        default: "it cannot be read"
        }
    }
}
