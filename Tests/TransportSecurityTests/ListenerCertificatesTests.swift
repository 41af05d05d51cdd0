import Foundation
import Logging
import NIOSSL
import Synchronization
import TestCertificates
import Testing

@testable import AccessControl
@testable import TransportSecurity

@Suite("A listener's certificates")
struct ListenerCertificatesTests {
    private let folder: CertificateFolder

    init() throws {
        folder = try CertificateFolder()
    }

    /// What the log says, each line as `level: message: reason`.
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private struct Handler: LogHandler {
        let log: Log
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let file = event.metadata?["file"].map { ": \(URL(filePath: "\($0)").lastPathComponent)" } ?? ""
            let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
            log.lines.withLock { $0.append("\(event.level): \(event.message)\(file)\(reason)") }
        }
    }

    private func watch(_ certificates: ListenerCertificates, _ log: Log) -> FileWatch {
        FileWatch(
            sources: certificates.watched,
            logger: Logger(label: "test") { _ in Handler(log: log) }
        )
    }

    /// As often as it takes to settle.
    private func look(_ watch: FileWatch, at second: Int) async {
        for part in 0..<8 { await watch.look(at: .seconds(second) + .milliseconds(300 * part)) }
    }

    private func shown(_ certificates: ListenerCertificates) throws -> [UInt8]? {
        guard case .certificate(let own)? = certificates.context.configuration.certificateChain.first else {
            return nil
        }
        return try own.toDERBytes()
    }

    private func inFile(_ pair: String) throws -> [UInt8] {
        try NIOSSLCertificate.fromPEMFile(folder.path("\(pair).pem"))[0].toDERBytes()
    }

    // MARK: - At the start

    private func failure(_ pairs: String...) -> String? {
        do throws(FileFailure) {
            _ = try ListenerCertificates(pairs.map { folder.files($0) })
            return nil
        } catch {
            return error.description
        }
    }

    @Test("what can't be used is said in a line that names flag, file, reason and what to do")
    func failures() throws {
        let (chain, key) = (folder.path("a.pem"), folder.path("a.key"))
        #expect(failure("a") == "--reverseproxy-tls-cert: \(chain): there is no such file")
        try folder.write("a")
        #expect(failure("a") == nil)
        try folder.write(nil, to: "a.key")
        #expect(failure("a") == "--reverseproxy-tls-key: \(key): there is no such file")
        try folder.write("nothing\n", to: "a.key")
        #expect(failure("a")?.hasPrefix("--reverseproxy-tls-key: \(key): there is no private key in PEM form") == true)
        try folder.write(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
            to: "a.key"
        )
        #expect(failure("a")?.hasPrefix("--reverseproxy-tls-key: \(key): a passphrase protects the key") == true)
        try folder.write("b")
        try folder.write(String(contentsOfFile: folder.path("b.key"), encoding: .utf8), to: "a.key")
        #expect(
            failure("a")
                == "--reverseproxy-tls-key: \(key): the key is not that of the first certificate in \(chain): "
                + "give the two that belong together"
        )
        try folder.write("", to: "a.pem")
        #expect(
            failure("a")?.hasPrefix("--reverseproxy-tls-cert: \(chain): there is no certificate in PEM form") == true
        )
        try folder.write("a", lifetime: 60)
        #expect(failure("a")?.hasPrefix("--reverseproxy-tls-cert: \(chain): the certificate expired on 20") == true)
        // Of several, any.
        #expect(
            failure("b", "a")?.hasPrefix("--reverseproxy-tls-cert: \(chain): the certificate expired on 20") == true
        )
    }

    @Test("a certificate that isn't valid yet is not used")
    func early() throws {
        let files = try folder.write("a")
        let error = #expect(throws: FileFailure.self) {
            _ = try ListenerCertificates([files], clock: { 1_000_000_000 })
        }
        #expect(error?.description.contains("and not now: see to the machine's clock") == true)
    }

    // MARK: - Later

    @Test("a pair that is replaced is taken once both files have settled, and said once", arguments: [true, false])
    func replaced(atOnce: Bool) async throws {
        let certificates = try ListenerCertificates([try folder.write("a")])
        let log = Log()
        let watch = watch(certificates, log)
        let before = try shown(certificates)
        try folder.write("a")
        if atOnce { await watch.obey() } else { await look(watch, at: 1) }
        #expect(try shown(certificates) == inFile("a") && shown(certificates) != before)
        #expect(log.take() == ["info: certificate read again: a.pem"])
        await look(watch, at: 10)
        #expect(log.take() == [])
    }

    @Test("links are followed, as Kubernetes and certbot change them", arguments: [true, false])
    func links(ofFolder: Bool) async throws {
        for version in ["v1", "v2"] {
            try FileManager.default.createDirectory(atPath: folder.path(version), withIntermediateDirectories: true)
            try folder.write("\(version)/tls")
        }
        try folder.link("..data", to: "v1")
        for end in ["pem", "key"] { try folder.link("tls.\(end)", to: "..data/tls.\(end)") }
        let certificates = try ListenerCertificates([folder.files("tls")])
        let log = Log()
        let watch = watch(certificates, log)
        #expect(try shown(certificates) == inFile("v1/tls"))
        if ofFolder {
            try folder.link("..data", to: "v2")
        } else {
            try folder.link("tls.pem", to: "v2/tls.pem")
            await watch.look(at: .seconds(1))
            try folder.link("tls.key", to: "v2/tls.key")
        }
        await look(watch, at: 2)
        #expect(try shown(certificates) == inFile("v2/tls"))
        #expect(log.take() == ["info: certificate read again: tls.pem"])
    }

    @Test("a pair that can't be used leaves the old one, with one line of the log; the next one is taken")
    func useless() async throws {
        let certificates = try ListenerCertificates([
            try folder.write("a"), try folder.write("b", names: ["b.example"]),
        ])
        let log = Log()
        let watch = watch(certificates, log)
        let before = try shown(certificates)
        func expectOld(_ line: String, at second: Int) async throws {
            await look(watch, at: second)
            let lines = log.take()
            #expect(lines.count == 1 && lines.first?.hasPrefix(line) == true, "\(lines)")
            #expect(try shown(certificates) == before)
        }
        let stays = "the certificate in use stays"
        try folder.write("a", lifetime: 60)
        try await expectOld("error: \(stays): a.pem: the certificate expired on 20", at: 10)
        try folder.write(String(contentsOfFile: folder.path("b.key"), encoding: .utf8), to: "a.key")
        try await expectOld("error: \(stays): a.pem: the certificate expired on 20", at: 20)
        try folder.write(nil, to: "a.pem")
        try await expectOld("warning: \(stays): a.pem: there is no such file", at: 30)
        try folder.write("a", lifetime: 1_000_000_000)
        await look(watch, at: 40)
        #expect(log.take() == ["info: certificate read again: a.pem"])
        #expect(try shown(certificates) == inFile("a"))
    }

    @Test("a certificate that ends soon is warned of, and so is a key that everybody may read")
    func remarks() throws {
        let now = Int(Date.now.timeIntervalSince1970)
        let files = try folder.write("a", lifetime: 90 * 86_400)
        let certificates = try ListenerCertificates([files])
        let remarks = { (certificates: ListenerCertificates) in certificates.watched.flatMap { $0.remarks([]) } }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path("a.key"))
        #expect(remarks(certificates) == [])
        let later = try ListenerCertificates([files], clock: { now + 80 * 86_400 })
        #expect(remarks(later).count == 1 && remarks(later)[0].contains("renew it"))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path("a.key"))
        #expect(remarks(certificates) == ["every user of this machine may read it; chmod o-r takes that away"])
    }

    @Test(
        "which certificate a client is shown is a matter of the name that it asks for",
        arguments: [
            (nil, 0), ("a.example", 0), ("b.example", 1), ("B.Example", 1), ("x.b.example", 2), ("x.y.b.example", 0),
            ("c.example", 0), ("127.0.0.1", 0),
        ] as [(String?, Int)]
    )
    func choice(name: String?, index: Int) throws {
        let names = [["a.example"], ["b.example", "a.example"], ["*.b.example"]]
        let certificates = try names.map { names in
            let (chain, key) = try folder.authority.server(names: names)
            let files = folder.files("any")
            return try CertifiedKey(
                files,
                chain: Array(chain.utf8),
                key: Array(key.utf8),
                at: Int(Date.now.timeIntervalSince1970)
            )
        }
        #expect(CertificateChoice(certificates).certificate(for: name).names.names == names[index])
        #expect(certificates[0].names.addresses == ["127.0.0.1"])
    }
}
