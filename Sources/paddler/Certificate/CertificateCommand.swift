import ArgumentParser
import LaboratoryAuthority

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Make a certificate for a balancer, where nobody else makes one.",
        discussion: """
            For a laboratory, or a network of one's own: the first call makes a small authority, too, and further ones in \
            the same folder use it. Whoever is to reach the balancer is told to trust that authority:
              paddler certificate gpu-gateway.lan 10.0.0.5
            """
    )

    @Argument(help: ArgumentHelp("What the balancer is called: names and IP addresses.", valueName: "name"))
    var names: [String]

    @Option(help: ArgumentHelp("The folder for the files.", valueName: "folder"))
    var out = "."

    @Option(
        help: ArgumentHelp(
            "For how many days the certificate is valid, 1 to \(LaboratoryAuthority.longestServerLifetime).",
            valueName: "count"
        )
    )
    var days = LaboratoryAuthority.longestServerLifetime

    @Flag(help: "Replace a certificate of the same name. The authority stays.")
    var force = false

    func validate() throws {
        for name in names where CertifiedName(name) == nil {
            throw ValidationError(
                "\"\(HarmlessText.line(name))\" is neither a host name nor an IP address; write for example "
                    + "gateway.lan or 10.0.0.5, without scheme and port"
            )
        }
        guard 1...LaboratoryAuthority.longestServerLifetime ~= days else {
            throw ValidationError(
                "--days: \(days) is not a number from 1 to \(LaboratoryAuthority.longestServerLifetime)"
            )
        }
    }

    func run() throws {
        do throws(LaboratoryFolderFailure) {
            let text = try make(at: Date.now.timeIntervalSince1970)
            StandardOutput.write(Array(text.utf8))
        } catch {
            StandardError.say("error: \(error)")
            throw ExitCode(1)
        }
    }

    /// - Parameter now: in seconds since 1970-01-01T00:00:00Z.
    /// - Returns: what was made, and what to do with it.
    func make(at now: Double) throws(LaboratoryFolderFailure) -> String {
        let folder = LaboratoryFolder(path: out)
        let file = LaboratoryFolder.fileName(for: names[0])
        if !force { try folder.checkAbsence(of: file) }
        let (authority, isNew) = try folder.authority(at: now)
        guard authority.end > now else {
            throw LaboratoryFolderFailure(
                folder.certificate(LaboratoryFolder.authority),
                "the authority has expired: name another folder by --out, and have everybody trust the new one"
            )
        }
        let pair: LaboratoryAuthority.Pair
        do {
            pair = try authority.server(names.compactMap { CertifiedName($0) }, days: days, at: now)
        } catch {
            throw LaboratoryFolderFailure(folder.certificate(file), "it can't be made: \(error)")
        }
        try folder.write(pair, file, replacing: force)
        return CertificateInstructions(
            name: names[0],
            certificate: folder.certificate(file),
            key: folder.key(file),
            authority: folder.certificate(LaboratoryFolder.authority),
            authorityKey: folder.key(LaboratoryFolder.authority),
            isAuthorityNew: isNew,
            days: days
        ).text
    }
}
