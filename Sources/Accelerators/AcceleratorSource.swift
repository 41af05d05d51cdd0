import AgentProtocol

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Whoever can be asked for the GPUs of this machine.
struct AcceleratorSource: Sendable {
    private let nvidia: ToolRun?
    private let amd: AMD?

    private enum AMD {
        case driver(AMDGPUFolder)
        /// Where the driver's files aren't to be seen, as in some containers.
        case tool(ToolRun)
    }

    /// For a tool that takes seconds to wake its GPU.
    static let limit = Duration.seconds(5)
    /// Where tools are that aren't on the PATH: of ROCm, and of Windows' own in WSL.
    private static let furtherFolders = ["/opt/rocm/bin", "/usr/lib/wsl/lib"]

    /// - Returns: nil: there is nobody.
    init?(environment: [String: String], driver: AMDGPUFolder = .standard, limitedToPath: Bool = false) {
        let path = environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        let folders = path + (limitedToPath ? [] : Self.furtherFolders)
        var variables = environment.filter { !$0.key.hasPrefix("PADDLER_") }
        variables["LC_ALL"] = "C"
        func tool(_ name: String, _ arguments: [String]) -> ToolRun? {
            folders.lazy.map { "\($0)/\(name)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
                .map { ToolRun(program: $0, arguments: arguments, environment: variables) }
        }
        nvidia = tool("nvidia-smi", NVIDIAListing.arguments)
        amd = driver.hasCards ? .driver(driver) : tool("rocm-smi", ROCmListing.arguments).map(AMD.tool)
        if nvidia == nil, amd == nil { return nil }
    }

    /// - Returns: nil: nobody says anything.
    func accelerators(host: String, within limit: Duration = limit) async -> [Accelerator]? {
        async let ofNVIDIA = nvidia?.output(within: limit).map { NVIDIAListing.accelerators(in: $0, host: host) }
        let ofAMD =
            switch amd {
            case nil: [Accelerator]?.none
            case .driver(let folder): folder.accelerators(host: host)
            case .tool(let tool): await tool.output(within: limit).map { ROCmListing.accelerators(in: $0, host: host) }
            }
        let all = (await ofNVIDIA ?? []) + (ofAMD ?? [])
        return all.isEmpty ? nil : Array(all.prefix(Accelerator.most))
    }
}
