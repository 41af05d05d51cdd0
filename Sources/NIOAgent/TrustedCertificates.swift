import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whom the agent believes that they are who they say.
enum TrustedCertificates {
    struct Unreadable: Error, CustomStringConvertible {
        let file: String
        let reason: String
        var description: String { "the CA file \(file) cannot be used: \(reason)" }
    }

    /// - Parameter caFile: a PEM file of certificates to trust beside the system's.
    static func configuration(caFile: String?) throws(Unreadable) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        guard let caFile else { return tls }
        tls.additionalTrustRoots = [.certificates(try certificates(in: caFile))]
        return tls
    }

    private static func certificates(in file: String) throws(Unreadable) -> [NIOSSLCertificate] {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw Unreadable(file: file, reason: "there is no such file")
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw Unreadable(file: file, reason: "there is no permission to read it")
        } catch {
            throw Unreadable(file: file, reason: "it cannot be read")
        }
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(bytes)), !certificates.isEmpty else {
            throw Unreadable(file: file, reason: "there is no PEM certificate in it")
        }
        return certificates
    }
}
