import LaboratoryAuthority

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

/// Where a laboratory's authority and what it made are kept. Nothing in it is overwritten that isn't to be.
struct LaboratoryFolder {
    let path: String

    /// What its own files are called, without their ends.
    static let authority = "authority"

    /// What a server's files are called, without their ends.
    static func fileName(for name: String) -> String {
        let file = name.replacing("*", with: "_").replacing(":", with: "_")
        return file == authority ? "\(file)-server" : file
    }

    func certificate(_ file: String) -> String { inFolder("\(file).pem") }
    func key(_ file: String) -> String { inFolder("\(file).key") }

    private func inFolder(_ name: String) -> String {
        path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    func checkAbsence(of file: String) throws(LaboratoryFolderFailure) {
        for path in [certificate(file), key(file)] where Self.exists(path) {
            throw LaboratoryFolderFailure(path, "it is there already: --force replaces it")
        }
    }

    /// The one that is there, or else a new one.
    ///
    /// - Parameter now: in seconds since 1970-01-01T00:00:00Z.
    func authority(at now: Double) throws(LaboratoryFolderFailure) -> (LaboratoryAuthority, isNew: Bool) {
        let files = [certificate(Self.authority), key(Self.authority)]
        guard files.contains(where: Self.exists) else { return (try newAuthority(at: now), true) }
        let pair = LaboratoryAuthority.Pair(certificate: try Self.text(of: files[0]), key: try Self.text(of: files[1]))
        do throws(LaboratoryAuthorityFailure) {
            return (try LaboratoryAuthority(pair), false)
        } catch {
            throw LaboratoryFolderFailure(files[error.isOfKey ? 1 : 0], "\(error): name another folder by --out")
        }
    }

    private func newAuthority(at now: Double) throws(LaboratoryFolderFailure) -> LaboratoryAuthority {
        let made: (authority: LaboratoryAuthority, pair: LaboratoryAuthority.Pair)
        do {
            let authority = try LaboratoryAuthority(at: now)
            made = (authority, try authority.pair)
        } catch {
            throw LaboratoryFolderFailure(certificate(Self.authority), "it can't be made: \(error)")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw LaboratoryFolderFailure(path, "the folder can't be made")
        }
        try write(made.pair, Self.authority, replacing: false)
        return made.authority
    }

    /// The key first: a certificate whose key is missing is of no use.
    func write(
        _ pair: LaboratoryAuthority.Pair,
        _ file: String,
        replacing: Bool
    ) throws(LaboratoryFolderFailure) {
        try Self.write(pair.key, to: key(file), mode: 0o600, replacing: replacing)
        try Self.write(pair.certificate, to: certificate(file), mode: 0o644, replacing: replacing)
    }

    // MARK: - Files

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func text(of path: String) throws(LaboratoryFolderFailure) -> String {
        do {
            return try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            let reason =
                exists(path)
                ? "it can't be read" : "there is no such file, and the other half of the authority is there"
            throw LaboratoryFolderFailure(path, reason)
        }
    }

    /// A file is there as a whole or not at all, and never readable by more than it is for.
    private static func write(
        _ text: String,
        to path: String,
        mode: mode_t,
        replacing: Bool
    ) throws(LaboratoryFolderFailure) {
        let new = "\(path).new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard descriptor >= 0 else { throw LaboratoryFolderFailure(path, errno) }
        let bytes = Array(text.utf8)
        let written = bytes.withUnsafeBytes { systemWrite(descriptor, $0) }
        let isComplete = close(descriptor) == 0 && written == bytes.count
        // A link, unlike a new name, replaces nothing.
        guard isComplete, (replacing ? rename(new, path) : link(new, path)) == 0 else {
            let number = errno
            unlink(new)
            throw LaboratoryFolderFailure(path, number)
        }
        if !replacing { unlink(new) }
    }
}

/// Out of a type that has a `write` of its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
