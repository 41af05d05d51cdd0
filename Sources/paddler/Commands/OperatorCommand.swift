import ManagementClient

/// A command that asks something of a running balancer.
protocol OperatorCommand: SettingsCommand {
    var balancer: OperatorFlags { get }
}

extension OperatorCommand {
    static var settings: [any AnySetting] { OperatorSettings.all }

    var given: [GivenText] { balancer.given }

    func check(_ settings: Settings) throws(FlagValueError) {
        _ = try BalancerContact(settings)
    }
}
