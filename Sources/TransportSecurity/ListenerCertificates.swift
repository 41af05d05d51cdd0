public import AccessControl
internal import NIOCore
package import NIOSSL
internal import Synchronization

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The certificates of one listener, kept up to date with their files. Connections that were opened with earlier ones go on
/// with those.
public final class ListenerCertificates: Sendable {
    /// What keeps them up to date: to be watched from when they were made.
    public var watched: [WatchedSource] {
        state.withLock { $0.pairs }.enumerated().flatMap { index, pair in
            [chainSource(index, pair.files, pair.lastRead.chain), keySource(index, pair.files, pair.lastRead.key)]
        }
    }

    /// When each of those in use ends, in seconds since 1970-01-01T00:00:00Z, and the file that it is from.
    package var ends: [(file: String, lastSecond: Int)] {
        state.withLock { $0.pairs }.map { ($0.files.chain.path, $0.certificate.lastSecond) }
    }

    /// For connections that are opened now.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    private struct State {
        var pairs: [Pair]
        var context: NIOSSLContext
    }

    /// A certificate in use, and what was last read of its files, of use or not.
    private struct Pair {
        let files: CertificateFiles
        var certificate: ListenerCertificate
        var lastRead: Contents
    }

    private struct Contents: Equatable {
        let chain: [UInt8]
        let key: [UInt8]
    }

    private let state: Mutex<State>
    private let clock: @Sendable () -> Int

    /// - Parameters:
    ///   - files: at least one pair. The first is shown to clients that name no server, or none that another one is for.
    ///   - clock: seconds since 1970-01-01T00:00:00Z; nil: the system's.
    /// - Throws: ``FileFailure`` when one can't be used now.
    public init(_ files: [CertificateFiles], clock: (@Sendable () -> Int)? = nil) throws(FileFailure) {
        let clock = clock ?? { time(nil) }
        var pairs: [Pair] = []
        for files in files {
            let contents = Contents(chain: try files.chain.contents(), key: try files.key.contents())
            pairs.append(
                Pair(
                    files: files,
                    certificate: try ListenerCertificate(
                        files,
                        chain: contents.chain,
                        key: contents.key,
                        at: clock()
                    ),
                    lastRead: contents
                )
            )
        }
        let context = try Self.context(pairs)
        state = Mutex(State(pairs: pairs, context: context))
        self.clock = clock
    }

    // MARK: - New contents

    private static let words = WatchedSource.Words(
        taken: "certificate read again",
        held: "the certificate in use stays",
        whenEmpty: "nobody could be served with it",
        odd: "the certificate's files are odd"
    )

    private func chainSource(_ index: Int, _ files: CertificateFiles, _ contents: [UInt8]) -> WatchedSource {
        WatchedSource(
            files.chain,
            contents: contents,
            Self.words,
            remarks: { [self] _ in remarksOnTime(index) },
            take: { [self] chain throws(FileFailure) in
                let contents = Contents(chain: chain, key: try files.key.contents())
                return try take(contents, index)
            }
        )
    }

    /// Whoever renews a certificate changes both files, and the other one's change has had them both read: then there is
    /// nothing new to say.
    private func keySource(_ index: Int, _ files: CertificateFiles, _ contents: [UInt8]) -> WatchedSource {
        WatchedSource(
            files.key,
            contents: contents,
            Self.words,
            remarks: { _ in files.key.remarksOnPermissions },
            take: { [self] key throws(FileFailure) in
                let contents = Contents(chain: try files.chain.contents(), key: key)
                guard lastRead(index) != contents else { return nil }
                return try take(contents, index)
            }
        )
    }

    private func lastRead(_ index: Int) -> Contents? {
        state.withLock { $0.pairs[index].lastRead }
    }

    /// Called by the watch over files alone, one call after the other: what takes time is done without the lock, for which
    /// connections that are opened would wait.
    ///
    /// - Returns: how many certificates the file has.
    private func take(_ contents: Contents, _ index: Int) throws(FileFailure) -> Int {
        var pairs = state.withLock { state in
            state.pairs[index].lastRead = contents
            return state.pairs
        }
        let certificate = try ListenerCertificate(
            pairs[index].files,
            chain: contents.chain,
            key: contents.key,
            at: clock()
        )
        pairs[index].certificate = certificate
        let new = State(pairs: pairs, context: try Self.context(pairs))
        state.withLock { $0 = new }
        return certificate.chain.count
    }

    // MARK: - Remarks

    /// In seconds: certbot renews thirty days before the end, so that something is wrong with whoever hasn't by then.
    private static let lateRenewal = 14 * 86_400

    private func remarksOnTime(_ index: Int) -> [String] {
        let certificate = state.withLock { $0.pairs[index].certificate }
        // Some are made for a day.
        let late = min(Self.lateRenewal, (certificate.lastSecond - certificate.firstSecond) / 4)
        guard certificate.lastSecond - clock() < late else { return [] }
        return ["the certificate expires on \(CivilDate(secondsSince1970: certificate.lastSecond)): renew it"]
    }

    // MARK: - For TLS

    /// In bytes of what is encrypted, kept by each connection from one write to the next.
    package static let keptBytes = 16 << 10

    private static func context(_ pairs: [Pair]) throws(FileFailure) -> NIOSSLContext {
        let choice = CertificateChoice(pairs.map(\.certificate))
        var configuration = configuration(for: choice.usual)
        if choice.depends {
            configuration.sslContextCallback = { hello, promise in
                promise.succeed(choice.certificate(for: hello.serverHostname).override)
            }
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw FileFailure(file: pairs[0].files.chain, reason: "the certificate cannot be used: \(error)")
        }
    }

    static func configuration(for certificate: ListenerCertificate) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificate.chain.map { .certificate($0) },
            privateKey: .privateKey(certificate.key)
        )
        // RFC 8996: nothing before TLS 1.2.
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // For the other side's goodbye. Many never say one.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}

extension ListenerCertificate {
    fileprivate var override: NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = chain.map { .certificate($0) }
        override.privateKey = .privateKey(key)
        return override
    }
}
