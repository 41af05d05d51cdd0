import ArgumentParser
import LlamaServer
import LogLines
import ManagementClient
import TransportSecurity

/// Through which an operator's command speaks to a balancer.
struct BalancerContact: Sendable {
    let balancer: ManagementClient.Balancer
    let caFile: String?
    let certificate: CertificateFiles?
    private let remarks: [EnvironmentRemark]

    /// - Parameter statusServer: of an agent, which is asked instead, in plain HTTP and without a token.
    init(_ settings: Settings, statusServer: NetworkAddress? = nil) throws(FlagValueError) {
        // Of what an agent's variables say of its balancers, nothing is looked at: it may report to several.
        let address =
            if let statusServer { statusServer.fromHere } else {
                try settings.address(OperatorSettings.management).fromHere
            }
        guard !MetadataHostText.isMeant(by: address.host) else {
            throw FlagValueError("--management-host: give the balancer's host itself")
        }
        let scheme = try settings.value(OperatorSettings.scheme)
        let usesTLS = statusServer == nil && scheme == .https
        let token = try settings.value(OperatorSettings.token)
        balancer = ManagementClient.Balancer(
            address: address,
            usesTLS: usesTLS,
            token: statusServer == nil ? token : nil
        )
        caFile = try settings.value(OperatorSettings.caFile)
        certificate = if statusServer == nil { try SharedSettings.certificate(settings, usesTLS: usesTLS) } else { nil }
        remarks = settings.remarks
    }

    /// - Throws: `ExitCode(1)` after one line on standard error when it didn't work.
    func use(_ body: @Sendable (ManagementClient) async throws -> Void) async throws {
        for remark in remarks { StandardError.say("warning: \(remark)") }
        do {
            try await ManagementClient.with(balancer, caFile: caFile, certificate: certificate, body)
        } catch let code as ExitCode {
            throw code
        } catch {
            StandardError.say("error: " + String(describing: error).replacing("\n", with: " "))
            throw ExitCode(1)
        }
    }
}
