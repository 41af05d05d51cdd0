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

/// The certificates of one listener, and whose certificates of clients it takes, kept up to date with their files. Connections
/// that were opened with earlier ones go on with those.
public final class ListenerCertificates: Sendable {
    /// What keeps them up to date: to be watched from when they were made.
    public var watched: [WatchedSource] {
        let state = state.withLock { $0 }
        return state.pairs.enumerated().flatMap { index, pair in
            [chainSource(index, pair.files, pair.lastRead.chain), keySource(index, pair.files, pair.lastRead.key)]
        } + (state.authorities.map { [authoritiesSource($0)] } ?? [])
    }

    /// When each of those in use ends, in seconds since 1970-01-01T00:00:00Z, and the file that it is from.
    package var ends: [(file: String, lastSecond: Int)] {
        state.withLock { $0.pairs }.map { ($0.files.chain.path, $0.certificate.lastSecond) }
    }

    /// For connections that are opened now.
    package var context: NIOSSLContext { state.withLock { $0.context } }

    /// Whether clients are asked for certificates, which never changes. They needn't have any.
    public var asksClients: Bool { state.withLock { $0.authorities != nil } }

    /// For one connection that is opened now.
    var terms: (context: NIOSSLContext, authorities: ClientAuthorities?) {
        state.withLock { ($0.context, $0.authorities) }
    }

    /// Whether a certificate that was verified when its connection was opened would be taken now, too: it hasn't expired, and no
    /// authority has been taken away since.
    package func takes(_ certificate: ClientCertificate) -> Bool {
        guard let authorities = state.withLock({ $0.authorities }) else { return false }
        return clock() <= certificate.lastSecond && authorities.lastWithdrawal <= certificate.edition
    }

    private struct State {
        var pairs: [Pair]
        /// nil: clients aren't asked for certificates.
        var authorities: ClientAuthorities?
        var context: NIOSSLContext
    }

    /// A certificate in use, and what was last read of its files, of use or not.
    private struct Pair {
        let files: CertificateFiles
        var certificate: CertifiedKey
        var lastRead: Contents
    }

    private struct Contents: Equatable {
        let chain: [UInt8]
        let key: [UInt8]
    }

    private let state: Mutex<State>
    private let protocols: [String]
    private let clock: @Sendable () -> Int

    /// - Parameters:
    ///   - files: at least one pair. The first is shown to clients that name no server, or none that another one is for.
    ///   - clientAuthorities: a PEM file of those whose certificates clients may show; nil: they are asked for none.
    ///   - protocols: what may be spoken, what is liked best first, by its names for ALPN (RFC 7301 6).
    ///   - clock: seconds since 1970-01-01T00:00:00Z; nil: the system's.
    /// - Throws: ``FileFailure`` when one can't be used now.
    public init(
        _ files: [CertificateFiles],
        clientAuthorities: OperatorFile? = nil,
        protocols: [String] = ["http/1.1"],
        clock: (@Sendable () -> Int)? = nil
    ) throws(FileFailure) {
        let clock = clock ?? { time(nil) }
        self.protocols = protocols
        var pairs: [Pair] = []
        for files in files {
            let contents = Contents(chain: try files.chain.contents(), key: try files.key.contents())
            pairs.append(
                Pair(
                    files: files,
                    certificate: try CertifiedKey(
                        files,
                        chain: contents.chain,
                        key: contents.key,
                        at: clock()
                    ),
                    lastRead: contents
                )
            )
        }
        let authorities = try clientAuthorities.map { file throws(FileFailure) in
            try ClientAuthorities(file, file.contents(), at: clock())
        }
        let context = try Self.context(pairs, authorities, protocols)
        state = Mutex(State(pairs: pairs, authorities: authorities, context: context))
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
        var new = state.withLock { state in
            state.pairs[index].lastRead = contents
            return state
        }
        let certificate = try CertifiedKey(
            new.pairs[index].files,
            chain: contents.chain,
            key: contents.key,
            at: clock()
        )
        new.pairs[index].certificate = certificate
        new.context = try Self.context(new.pairs, new.authorities, protocols)
        state.withLock { $0 = new }
        return certificate.chain.count
    }

    private func authoritiesSource(_ authorities: ClientAuthorities) -> WatchedSource {
        WatchedSource(
            authorities.file,
            contents: authorities.contents,
            WatchedSource.Words(
                taken: "clients' authorities read again",
                held: "the clients' authorities in use stay",
                whenEmpty: "nobody's certificate would be taken",
                odd: "the file of clients' authorities is odd"
            ),
            remarks: { [self] _ in state.withLock { $0.authorities }?.remarks(at: clock()) ?? [] },
            take: { [self] contents throws(FileFailure) in
                var new = state.withLock { $0 }
                let authorities = try new.authorities?.renewed(contents, at: clock())
                new.authorities = authorities
                new.context = try Self.context(new.pairs, authorities, protocols)
                state.withLock { $0 = new }
                return authorities?.certificates.count
            }
        )
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

    /// In bytes of what is encrypted, kept by each connection from one write to the next. NIO's TLS takes this setting and, up to
    /// its version 2.37, makes nothing of it.
    package static let keptBytes = 16 << 10

    private static func context(
        _ pairs: [Pair],
        _ authorities: ClientAuthorities?,
        _ protocols: [String]
    ) throws(FileFailure) -> NIOSSLContext {
        let choice = CertificateChoice(pairs.map(\.certificate))
        var configuration = configuration(for: choice.usual, protocols)
        authorities?.ask(in: &configuration)
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

    static func configuration(for certificate: CertifiedKey, _ protocols: [String] = []) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificate.chain.map { .certificate($0) },
            privateKey: .privateKey(certificate.key)
        )
        // RFC 8996: nothing before TLS 1.2.
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        // For the other side's goodbye. Many never say one.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}

extension CertifiedKey {
    fileprivate var override: NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = chain.map { .certificate($0) }
        override.privateKey = .privateKey(key)
        return override
    }
}
