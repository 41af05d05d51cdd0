import AgentProtocol

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What Linux's driver `amdgpu` says of the GPUs of a machine, in files: needs no tool, and costs nothing.
struct AMDGPUFolder: Sendable {
    static let standard = AMDGPUFolder(path: "/sys/class/drm")

    /// Of the folder with one for each card.
    let path: String

    /// Whether there is such a card.
    var hasCards: Bool { !cards.isEmpty }

    func accelerators(host: String) -> [Accelerator] {
        cards.map { accelerator($0, host: host) }
    }

    /// In their order; of outputs (`card0-DP-1`) there is nothing to say.
    private var cards: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { name in
            name.hasPrefix("card") && name.dropFirst(4).allSatisfy(\.isNumber)
                && number("\(name)/device/mem_info_vram_total") != nil
        }.sorted { ($0.count, $0) < ($1.count, $1) }
    }

    private func accelerator(_ card: String, host: String) -> Accelerator {
        let device = "\(card)/device"
        let sensors = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(device)/hwmon")) ?? []
        let unique = text("\(device)/unique_id").flatMap { $0.isEmpty ? nil : "0x\($0)" }
        let product = text("\(device)/product_name").flatMap { $0.isEmpty ? nil : $0 }
        let model = text("\(device)/device").map { "AMD GPU \($0)" }
        return Accelerator(
            id: unique ?? "\(host)/\(card)",
            host: host,
            name: product ?? model ?? "AMD GPU",
            memoryUsedBytes: number("\(device)/mem_info_vram_used"),
            memoryTotalBytes: number("\(device)/mem_info_vram_total"),
            utilization: number("\(device)/gpu_busy_percent").map { Double($0) / 100 },
            celsius: sensors.sorted().lazy.compactMap { number("\(device)/hwmon/\($0)/temp1_input") }.first
                .map { Double($0) / 1000 }
        )
    }

    private func number(_ file: String) -> Int? { text(file).flatMap { Int($0) } }

    private func text(_ file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(file)") else { return nil }
        return String(decoding: data.prefix(256), as: UTF8.self).trimmed
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
