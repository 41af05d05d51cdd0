import ArgumentParser
import Foundation
import Testing

@testable import paddler

@Suite("Certificates that are made")
final class CertificateCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "laboratory-\(UUID().uuidString)")
    private static let now = 1_800_000_000.0

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func make(_ arguments: String..., at now: Double = now) throws -> String {
        let command = try CertificateCommand.parse(arguments + ["--out", folder.path])
        return try command.make(at: now)
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private func mode(_ name: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }

    private func failure(_ body: () throws -> String) -> String? {
        (#expect(throws: LaboratoryFolderFailure.self) { _ = try body() })?.description
    }

    @Test("the first call makes an authority, keys are for their owner alone, and the next commands are said")
    func first() throws {
        let text = try make("gateway.lan", "10.0.0.5")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["authority.key", "authority.pem", "gateway.lan.key", "gateway.lan.pem"])
        #expect(try names.map(mode) == [0o600, 0o644, 0o600, 0o644])
        let path = folder.path
        for command in [
            "--reverseproxy-tls-cert \(path)/gateway.lan.pem --reverseproxy-tls-key \(path)/gateway.lan.key",
            "curl --cacert \(path)/authority.pem https://gateway.lan:8086/health",
            "--management-scheme https --ca-file \(path)/authority.pem",
        ] {
            #expect(text.contains(command))
        }
    }

    @Test("the authority is used again, and nothing is overwritten without --force")
    func again() throws {
        _ = try make("gateway.lan")
        let before = try [
            text("authority.pem"), text("authority.key"), text("gateway.lan.pem"), text("gateway.lan.key"),
        ]
        #expect(
            failure { try make("gateway.lan") }
                == "\(folder.path)/gateway.lan.pem: it is there already: --force replaces it"
        )
        _ = try make("other.lan")
        #expect(
            try [text("authority.pem"), text("authority.key"), text("gateway.lan.pem"), text("gateway.lan.key")]
                == before
        )
        #expect(try make("gateway.lan", "--force").contains("the authority, as it was"))
        #expect(try text("authority.pem") == before[0] && text("authority.key") == before[1])
        #expect(try text("gateway.lan.pem") != before[2] && text("gateway.lan.key") != before[3])
        #expect(try mode("gateway.lan.key") == 0o600)
    }

    @Test("one for an agent is signed by the same authority, and the commands that show it are said")
    func client() throws {
        _ = try make("gateway.lan")
        let text = try make("--client", "gpu-1")
        #expect(text.contains("the authority, as it was"))
        let path = folder.path
        for command in [
            "--management-client-ca \(path)/authority.pem", "paddler agent --name gpu-1 ",
            "--management-cert \(path)/gpu-1.pem --management-key \(path)/gpu-1.key",
        ] {
            #expect(text.contains(command))
        }
        #expect(try mode("gpu-1.key") == 0o600)
    }

    @Test("half an authority, and one that has expired, is said and left alone")
    func useless() throws {
        _ = try make("a.lan")
        #expect(
            failure { try make("b.lan", at: Self.now + 4000 * 86_400) }?.contains("the authority has expired") == true
        )
        try FileManager.default.removeItem(at: folder.appending(path: "authority.key"))
        #expect(failure { try make("b.lan") }?.hasPrefix("\(folder.path)/authority.key: there is no such file") == true)
        try Data("x".utf8).write(to: folder.appending(path: "authority.key"))
        #expect(
            failure { try make("b.lan") }
                == "\(folder.path)/authority.key: there is no private key in PEM form in it: name another folder by --out"
        )
    }

    @Test(
        "files are called after the first name, as any file system takes it",
        arguments: [("*.a.lan", "_.a.lan"), ("::1", "__1"), ("authority", "authority-server")]
    )
    func fileNames(name: String, file: String) throws {
        _ = try make(name)
        #expect(try !text("\(file).pem").isEmpty)
    }

    @Test(
        "what no certificate can be for, or for how long, is a mistake",
        arguments: [[], ["https://a"], ["a", "--days", "826"], ["a", "--days", "0"], ["--client", "10.0.0.5"]]
    )
    func mistakes(arguments: [String]) {
        #expect(throws: (any Error).self) { try CertificateCommand.parse(arguments) }
    }
}
