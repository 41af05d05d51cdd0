import AgentProtocol

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `rocm-smi` prints of the GPUs of a machine: an object of JSON with one for each card. Its versions write the keys in
/// different cases, and most numbers as strings.
enum ROCmListing {
    static let arguments = [
        "--showmeminfo", "vram", "--showuse", "--showtemp", "--showproductname", "--showuniqueid", "--json",
    ]

    private static let temperatures = ["junction", "edge"].map { "temperature (sensor \($0)) (c)" }
    private static let names = ["card series", "device name", "card model"]

    /// - Returns: none if there is no such object; what is printed in front of it are warnings.
    static func accelerators(in output: String, host: String) -> [Accelerator] {
        guard let start = output.firstIndex(of: "{"),
            let cards = try? JSONDecoder().decode([String: Card].self, from: Data(output[start...].utf8))
        else { return [] }
        return cards.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }.compactMap { key, card in
            key.hasPrefix("card") ? accelerator(key, card, host: host) : nil
        }
    }

    private static func accelerator(_ key: String, _ card: Card, host: String) -> Accelerator {
        let id = card["unique id"].flatMap { $0.hasPrefix("0x") ? $0 : nil }
        return Accelerator(
            id: id ?? "\(host)/\(key)",
            host: host,
            name: names.lazy.compactMap { card[$0] }.first { $0 != "N/A" } ?? "AMD GPU",
            memoryUsedBytes: card["vram total used memory (b)"].flatMap { Int($0) },
            memoryTotalBytes: card["vram total memory (b)"].flatMap { Int($0) },
            utilization: card["gpu use (%)"].flatMap { Double($0) }.map { $0 / 100 },
            celsius: temperatures.lazy.compactMap { card[$0].flatMap { Double($0) } }.first
        )
    }

    private struct Card: Decodable {
        private var texts: [String: String] = [:]

        subscript(key: String) -> String? { texts[key] }

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            for key in values.allKeys {
                let text = try? values.decode(String.self, forKey: key)
                let number = text == nil ? try? values.decode(Double.self, forKey: key) : nil
                texts[key.stringValue.lowercased()] =
                    text ?? number.map { Int64(exactly: $0).map(String.init) ?? "\($0)" }
            }
        }
    }
}
