#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the ECS agent describes a container (task metadata endpoint, version 4), as far as it matters here.
struct ECSContainer: Decodable {
    let networks: [Network]

    struct Network: Decodable {
        let addresses: [String]?

        enum CodingKeys: String, CodingKey {
            case addresses = "IPv4Addresses"
        }
    }

    enum CodingKeys: String, CodingKey {
        case networks = "Networks"
    }

    static func firstIPv4Address(in body: [UInt8]) -> String? {
        let container = try? JSONDecoder().decode(ECSContainer.self, from: Data(body))
        return container?.networks.first?.addresses?.first
    }
}
