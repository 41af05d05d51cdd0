import Synchronization

/// The tenants of a file, and what keeps them up to date.
public struct TenantSource: Sendable {
    public let ring: TenantRing
    public let watched: WatchedSource

    /// In bytes: room for hundreds of thousands.
    private static let largestFile = 64 << 20

    private struct State {
        var numbers = TenantNumbers()
        var remarks: [String] = []
    }

    /// - Throws: ``FileFailure`` when the file can't be used now.
    public init(path: String, flag: String) throws(FileFailure) {
        let file = OperatorFile(path: path, flag: flag, maximumBytes: Self.largestFile)
        let contents = try file.contents()
        let state = StateBox()
        let ring = TenantRing(try state.read(contents, file))
        self.ring = ring
        watched = WatchedSource(
            file,
            contents: contents,
            Self.words,
            remarks: { _ in state.remarks },
            take: { contents throws(FileFailure) in
                let directory = try state.read(contents, file)
                ring.replace(directory)
                return directory.count
            }
        )
    }

    /// What outlives each reading of the file. Behind a lock, since nobody promises on which thread files are read.
    private final class StateBox: Sendable {
        private let state = Mutex(State())

        var remarks: [String] { state.withLock { $0.remarks } }

        func read(_ contents: [UInt8], _ file: OperatorFile) throws(FileFailure) -> TenantDirectory {
            var numbers = state.withLock { $0.numbers }
            let tenants: TenantsFileText
            do throws(YAMLMistake) {
                tenants = try TenantsFileText(contents, &numbers)
            } catch {
                throw FileFailure(file: file, reason: "\(error)")
            }
            state.withLock {
                $0.numbers = numbers
                $0.remarks = tenants.remarks(mode: file.mode())
            }
            return tenants.directory
        }
    }

    private static let words = WatchedSource.Words(
        taken: "tenants read again",
        held: "tenants stay as they are",
        whenEmpty: "a comment (#) in it would let nobody in"
    )
}
