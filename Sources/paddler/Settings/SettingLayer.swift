/// All that was given in one of the places where settings can be given.
struct SettingLayer: Sendable {
    let origin: Origin
    /// By the settings' names. What is here has one text at least.
    let texts: [String: [String]]

    enum Origin: Equatable, Sendable {
        case flags
        case environment
        case file(String)
    }

    init(_ origin: Origin, _ texts: [String: [String]]) {
        self.origin = origin
        self.texts = texts
    }

    init(flags given: [GivenText]) {
        self.init(.flags, Dictionary(grouping: given, by: \.setting).mapValues { $0.map(\.text) })
    }

    /// How people find what they gave: `--threads`, `PADDLER_THREADS`, `balancer.yaml: threads`.
    func label(_ setting: SettingDescription) -> String {
        switch origin {
        case .flags: setting.flag
        case .environment: setting.variable
        case .file(let name): "\(name): \(setting.name)"
        }
    }
}
