import ArgumentParser
import LlamaServer

struct EnvoyConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envoy-config",
        abstract: "Print the configuration of an Envoy that asks a balancer where each request goes.",
        discussion: """
            The balancer is started with --picker-addr; Envoy carries the bytes, and the balancer's queue and scheduler decide:
              paddler balancer --picker-addr 127.0.0.1:8087
              paddler envoy-config --listen 0.0.0.0:8080 >envoy.yaml
              envoy -c envoy.yaml
            """
    )

    @Option(help: ArgumentHelp("Where Envoy's clients connect: host:port.", valueName: "address"))
    var listen = "127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "The balancer's --picker-addr, as Envoy reaches it. Give it again for a balancer that stands by for the others before it.",
            valueName: "address"
        )
    )
    var pickerAddr = ["127.0.0.1:8087"]

    @Option(help: ArgumentHelp("Where Envoy's own admin page listens.", valueName: "address"))
    var admin = "127.0.0.1:9901"

    @Flag(
        help: """
            Have Envoy tell the balancer each request's body, too: needed where servers serve several models, by tenants that may \
            not use all of them, and for prompt caches.
            """
    )
    var bodies = false

    @Option(
        help: ArgumentHelp("The balancer's --max-request-body, the largest body that Envoy takes.", valueName: "size")
    )
    var maxRequestBody = ByteCountFlag(bytes: 64 << 20).description

    @Option(
        help: ArgumentHelp("Have Envoy speak TLS to clients, with the certificate in this PEM file.", valueName: "file")
    )
    var tlsCert: String?

    @Option(help: ArgumentHelp("The key of --tls-cert, a PEM file.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Speak TLS to the balancer, and trust the authorities in this PEM file for its --picker-tls-cert.",
            valueName: "file"
        )
    )
    var pickerCa: String?

    @Option(help: ArgumentHelp("Envoy's own certificate, for a balancer with --picker-client-ca.", valueName: "file"))
    var pickerClientCert: String?

    @Option(help: ArgumentHelp("The key of --picker-client-cert.", valueName: "file"))
    var pickerClientKey: String?

    func validate() throws {
        try FlagValueError.asUsageError { () throws(FlagValueError) in _ = try configuration() }
    }

    func run() throws {
        StandardOutput.write(Array(try configuration().text.utf8))
    }

    func configuration() throws(FlagValueError) -> EnvoyConfiguration {
        var configuration = EnvoyConfiguration(
            listener: try Self.address(listen, "--listen"),
            admin: try Self.address(admin, "--admin"),
            pickers: try pickerAddr.map { text throws(FlagValueError) in try Self.address(text, "--picker-addr") }
        )
        configuration.tellsBodies = bodies
        do {
            configuration.maximumBodyBytes = try SettingText.size(1...(2 << 30))(maxRequestBody).bytes
        } catch {
            throw FlagValueError("--max-request-body: \(error)")
        }
        configuration.certificate = try Self.pair(tlsCert, "--tls-cert", tlsKey, "--tls-key")
        configuration.pickerAuthorities = pickerCa
        configuration.pickerCertificate = try Self.pair(
            pickerClientCert,
            "--picker-client-cert",
            pickerClientKey,
            "--picker-client-key"
        )
        guard configuration.pickerCertificate == nil || pickerCa != nil else {
            throw FlagValueError("--picker-client-cert is shown by TLS: give --picker-ca, too")
        }
        return configuration
    }

    private static func address(_ text: String, _ flag: String) throws(FlagValueError) -> NetworkAddress {
        do {
            return try SettingText.address(allowingZeroPort: true, allowingSocket: false)(text)
        } catch {
            throw FlagValueError("\(flag): \(error)")
        }
    }

    private static func pair(
        _ certificate: String?,
        _ flag: String,
        _ key: String?,
        _ keyFlag: String
    ) throws(FlagValueError) -> EnvoyConfiguration.Certificate? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return EnvoyConfiguration.Certificate(chain: certificate, key: key)
        case (_?, nil), (nil, _?): throw FlagValueError("\(flag) and \(keyFlag) belong together: give both")
        }
    }
}
