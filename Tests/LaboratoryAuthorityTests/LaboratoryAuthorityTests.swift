import Foundation
import LaboratoryAuthority
import NIOSSL
import SwiftASN1
import Testing
import X509

@Suite("A laboratory's authority")
struct LaboratoryAuthorityTests {
    private static let now = 1_800_000_000.0
    private static let day = 86_400.0

    private func names(_ texts: String...) throws -> [CertifiedName] {
        try texts.map { try #require(CertifiedName($0)) }
    }

    @Test(
        "what it makes is signed by it, for these names and addresses, for servers alone, and for no longer than asked"
    )
    func server() throws {
        let authority = try LaboratoryAuthority(at: Self.now)
        let names = try names("gateway.lan", "*.lab.example", "10.0.0.5", "fd00::5")
        let pair = try authority.server(names, days: 825, at: Self.now + Self.day)
        let issuer = try Certificate(pemEncoded: authority.pair.certificate)
        let server = try Certificate(pemEncoded: pair.certificate)
        #expect(issuer.publicKey.isValidSignature(server.signature, for: server))
        #expect(server.issuer == issuer.subject)
        #expect(try server.publicKey == Certificate.PrivateKey(pemEncoded: pair.key).publicKey)
        let alternatives = try #require(try server.extensions.subjectAlternativeNames)
        let addresses: [[UInt8]] = [[10, 0, 0, 5], [0xfd] + Array(repeating: 0, count: 14) + [5]]
        #expect(
            Array(alternatives)
                == [.dnsName("gateway.lan"), .dnsName("*.lab.example")]
                + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        )
        #expect(try server.extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth]))
        #expect(try server.extensions.basicConstraints == .notCertificateAuthority)
        #expect(
            try server.extensions.authorityKeyIdentifier?.keyIdentifier
                == issuer.extensions.subjectKeyIdentifier?.keyIdentifier
        )
        let start = server.notValidBefore.timeIntervalSince1970
        #expect(start <= Self.now + Self.day)
        #expect(server.notValidAfter.timeIntervalSince1970 - start <= 825 * Self.day)
        #expect(server.serialNumber != issuer.serialNumber)
    }

    @Test("what it makes for clients is for them alone")
    func client() throws {
        let authority = try LaboratoryAuthority(at: Self.now)
        let pair = try authority.client(names("gpu-1", "*.gpu.lan"), days: 30, at: Self.now)
        let client = try Certificate(pemEncoded: pair.certificate)
        #expect(try client.extensions.extendedKeyUsage == ExtendedKeyUsage([.clientAuth]))
        let alternatives = try #require(try client.extensions.subjectAlternativeNames)
        #expect(Array(alternatives) == [.dnsName("gpu-1"), .dnsName("*.gpu.lan")])
        #expect(try client.publicKey == Certificate.PrivateKey(pemEncoded: pair.key).publicKey)
    }

    @Test("nothing that it makes outlives it")
    func lifetime() throws {
        let authority = try LaboratoryAuthority(at: Self.now)
        let late = authority.end - 10 * Self.day
        let server = try Certificate(pemEncoded: authority.server(names("a"), days: 825, at: late).certificate)
        #expect(server.notValidAfter.timeIntervalSince1970 == authority.end)
    }

    @Test("it is the same when it is read again")
    func again() throws {
        let authority = try LaboratoryAuthority(at: Self.now)
        let same = try LaboratoryAuthority(authority.pair)
        #expect(try same.pair == authority.pair && same.end == authority.end)
    }

    @Test("what is no authority with its key is told apart")
    func mistakes() throws {
        let authority = try LaboratoryAuthority(at: Self.now)
        let pair = try authority.pair
        let other = try LaboratoryAuthority(at: Self.now).pair
        let server = try authority.server(names("a"), days: 1, at: Self.now)
        let mistakes: [(String, String, LaboratoryAuthorityFailure)] = [
            ("x", pair.key, .noCertificate), (pair.certificate, "x", .noKey),
            (pair.certificate, other.key, .foreignKey),
            (server.certificate, server.key, .noAuthority),
        ]
        for (certificate, key, failure) in mistakes {
            #expect(throws: failure) {
                _ = try LaboratoryAuthority(LaboratoryAuthority.Pair(certificate: certificate, key: key))
            }
        }
    }

    @Test(
        "what a certificate can be for",
        arguments: [
            ("gateway.lan", .dns("gateway.lan")), ("LOCALHOST", .dns("localhost")), ("*.a.b", .dns("*.a.b")),
            ("my_service", .dns("my_service")), ("10.0.0.5", .address([10, 0, 0, 5])),
            ("::1", .address(Array(repeating: 0, count: 15) + [1])), ("", nil), ("a b", nil), ("*.b", nil), ("*", nil),
            ("a..b", nil), ("https://a", nil), ("a:8086", nil), ("-a", nil), ("10.0.0.256", nil), ("10.0.0", nil),
            ("ü.example", nil),
        ] as [(String, CertifiedName?)]
    )
    func names(text: String, name: CertifiedName?) {
        #expect(CertifiedName(text) == name)
    }
}
