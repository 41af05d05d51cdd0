import ArgumentParser
import LaboratoryAuthority
import LogLines

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Make a certificate for a balancer or its agents, where nobody else makes one.",
        discussion: """
            For a laboratory, or a network of one's own: the first call makes a small authority, too, and further ones in \
            the same folder use it. Whoever is to reach the balancer is told to trust that authority:
              paddler certificate gpu-gateway.lan 10.0.0.5
            With --client it is for an agent, by its --name, or for an operator, who show it instead of a token:
              paddler certificate --client gpu-1
            """
    )

    @Argument(help: ArgumentHelp("What the balancer is called (names, IP addresses), or the agent.", valueName: "name"))
    var names: [String]

    @Option(help: ArgumentHelp("The folder for the files.", valueName: "folder"))
    var out = "."

    @Option(
        help: ArgumentHelp(
            "For how many days the certificate is valid, 1 to \(LaboratoryAuthority.longestLifetime).",
            valueName: "count"
        )
    )
    var days = LaboratoryAuthority.longestLifetime

    @Flag(help: "Make it for an agent or an operator, to show a balancer with --management-client-ca.")
    var client = false

    @Flag(help: "Replace a certificate of the same name. The authority stays.")
    var force = false

    func validate() throws {
        for name in names where CertifiedName(name) == nil {
            throw ValidationError(
                "\"\(HarmlessText.line(name))\" is neither a host name nor an IP address; write for example "
                    + "gateway.lan or 10.0.0.5, without scheme and port"
            )
        }
        if client, let address = names.first(where: { CertifiedName($0)?.isAddress == true }) {
            throw ValidationError("\"\(address)\" is an address: with --client, give the agent's --name")
        }
        guard 1...LaboratoryAuthority.longestLifetime ~= days else {
            throw ValidationError(
                "--days: \(days) is not a number from 1 to \(LaboratoryAuthority.longestLifetime)"
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
            let names = names.compactMap { CertifiedName($0) }
            pair =
                try client ? authority.client(names, days: days, at: now) : authority.server(names, days: days, at: now)
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
            days: days,
            isForClient: client
        ).text
    }
}
