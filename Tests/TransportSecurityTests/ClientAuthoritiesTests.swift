import Foundation
import NIOSSL
import TestCertificates
import Testing

@testable import AccessControl
@testable import TransportSecurity

@Suite("Whose certificates of clients are taken")
struct ClientAuthoritiesTests {
    private let folder: CertificateFolder

    init() throws {
        folder = try CertificateFolder()
        try folder.write("server")
    }

    private var file: OperatorFile { OperatorFile(path: folder.path("authority.pem"), flag: "--management-client-ca") }

    private func certificates(
        now: Int = Int(Date.now.timeIntervalSince1970)
    ) throws(FileFailure) -> ListenerCertificates {
        try ListenerCertificates([folder.files("server")], clientAuthorities: file, clock: { now })
    }

    /// As the watch over files hands it on.
    @discardableResult
    private func take(_ text: String, _ certificates: ListenerCertificates) throws -> Int? {
        try #require(certificates.watched.last).take(Array(text.utf8))
    }

    private func shown(
        _ certificates: ListenerCertificates,
        names: [String] = ["gpu-1"],
        lifetime: Double = 7200
    ) throws
        -> ClientCertificate
    {
        let (chain, _) = try folder.authority.server(names: names, lifetime: lifetime)
        let certificate = try NIOSSLCertificate(bytes: Array(chain.utf8), format: .pem)
        return ClientCertificate(certificate, edition: try #require(certificates.terms.authorities).edition)
    }

    @Test("a file that can't be used is said at the start, in one line")
    func failures() throws {
        let path = folder.path("authority.pem")
        func failure() -> String? {
            do throws(FileFailure) {
                _ = try certificates()
                return nil
            } catch {
                return error.description
            }
        }
        #expect(failure() == nil)
        try folder.write("nothing\n", to: "authority.pem")
        #expect(failure()?.hasPrefix("--management-client-ca: \(path): there is no certificate in PEM form") == true)
        try folder.write(nil, to: "authority.pem")
        #expect(failure() == "--management-client-ca: \(path): there is no such file")
        let (expired, _) = try folder.authority.server(lifetime: 60)
        try folder.write(expired, to: "authority.pem")
        #expect(failure()?.contains("the authority's certificate has expired") == true)
    }

    @Test("a listener without such a file asks for no certificate; with one, nobody needs any")
    func asking() throws {
        let plain = try ListenerCertificates([folder.files("server")])
        #expect(!plain.asksClients && plain.context.configuration.certificateVerification == .none)
        let asking = try certificates()
        #expect(asking.asksClients && asking.context.configuration.certificateVerification == .optionalVerification)
        #expect(asking.context.configuration.sendCANameList)
    }

    @Test("an authority that is added changes nothing for who is there; when one goes, all have to show theirs again")
    func renewed() throws {
        let certificates = try certificates()
        let first = try shown(certificates)
        #expect(certificates.takes(first))
        let own = try folder.authority.pem + "\n", other = try TestAuthority().pem + "\n"
        #expect(try take(own + other, certificates) == 2)
        #expect(certificates.takes(first))
        let second = try shown(certificates)
        #expect(throws: FileFailure.self) { try take("nothing\n", certificates) }
        #expect(certificates.takes(first) && certificates.takes(second))
        #expect(try take(other, certificates) == 1)
        #expect(!certificates.takes(first) && !certificates.takes(second))
        let third = try shown(certificates)
        #expect(certificates.takes(third))
    }

    @Test("a renewed certificate of the listener leaves its authorities alone")
    func listenerRenewed() throws {
        let certificates = try certificates()
        let shown = try shown(certificates)
        try folder.write("server")
        let chain = try String(contentsOfFile: folder.path("server.pem"), encoding: .utf8)
        _ = try certificates.watched[0].take(Array(chain.utf8))
        #expect(certificates.takes(shown))
        #expect(certificates.context.configuration.certificateVerification == .optionalVerification)
    }

    @Test("a certificate that has expired meanwhile isn't taken any more")
    func expired() throws {
        let now = Int(Date.now.timeIntervalSince1970)
        let shown = try shown(certificates(), lifetime: 3700)
        let (inTime, later) = (try certificates(now: now), try certificates(now: shown.lastSecond + 1))
        #expect(inTime.takes(shown) && !later.takes(shown))
    }

    @Test("it is for its DNS names, or for its common name if it has none, and what is shown of them is harmless")
    func names() throws {
        let certificates = try certificates()
        let named = try shown(certificates, names: ["gpu-1", "*.lan"])
        #expect(named.names == ["gpu-1", "*.lan"])
        for (name, isFor) in [("gpu-1", true), ("GPU-1", true), ("a.lan", true), ("gpu-10", false), ("lan", false)] {
            #expect(named.include(name) == isFor, "\(name)")
        }
        let nameless = try shown(certificates, names: [])
        #expect(nameless.names == ["paddler test server"])
        #expect(ClientCertificate.shown(["a\nb", "c", "d", "e", "f"]) == "a?b, c, d, e and 1 more")
    }
}
