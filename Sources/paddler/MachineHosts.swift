import Agent
import ArgumentParser
import Balancer
import FleetMetrics
import InstanceMetadata
import LlamaServer
import LogLines
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts real hosts where a configuration names what the machine has to be asked for. Once, at the start.
struct MachineHosts {
    private let logger: Logger
    private let metadata: InstanceMetadata

    init(logger: Logger, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.logger = logger
        metadata = InstanceMetadata(MetadataEnvironment(environment))
    }

    /// - Throws: `ExitCode(1)` after one line on standard error when the machine doesn't say.
    func resolve(_ configuration: inout BalancerConfiguration) async throws {
        var known: [MetadataHost: String] = [:]
        try await resolve(&configuration.reverseProxy, &known)
        try await resolve(&configuration.management, &known)
        if var picker = configuration.picker {
            try await resolve(&picker, &known)
            configuration.picker = picker
        }
        if var statsD = configuration.statsD {
            try await resolve(&statsD.address, &known)
            configuration.statsD = statsD
        }
    }

    /// - Throws: `ExitCode(1)` after one line on standard error when the machine doesn't say.
    func resolve(_ configuration: inout AgentConfiguration) async throws {
        var known: [MetadataHost: String] = [:]
        try await resolve(&configuration.local, &known)
        try await resolve(&configuration.external, &known)
        for index in configuration.management.indices {
            try await resolve(&configuration.management[index], &known)
        }
        if var status = configuration.statusServer {
            try await resolve(&status, &known)
            configuration.statusServer = status
        }
    }

    private func resolve(_ address: inout NetworkAddress, _ known: inout [MetadataHost: String]) async throws {
        guard MetadataHost.isMeant(by: address.host) else { return }
        do {
            let wanted = try MetadataHost(parsing: address.host)
            if known[wanted] == nil {
                let host = try await metadata.resolve(wanted)
                logger.debug("host from the machine's metadata", metadata: ["asked": "\(wanted)", "host": "\(host)"])
                known[wanted] = host
            }
            address = NetworkAddress(host: known[wanted] ?? address.host, port: address.port)
        } catch {
            StandardError.say("error: \(error)")
            throw ExitCode(1)
        }
    }
}
