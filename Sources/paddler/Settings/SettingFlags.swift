import ArgumentParser

/// Flags of settings, as a group in the help.
protocol SettingFlags: ParsableArguments {}

extension SettingFlags {
    /// What was given, in no order between different flags.
    ///
    /// By reflection, so that a flag which is declared can't be forgotten here.
    var given: [GivenText] {
        Mirror(reflecting: self).children.flatMap { child -> [GivenText] in
            switch child.value {
            case let one as Option<GivenText?>: one.wrappedValue.map { [$0] } ?? []
            case let several as Option<[GivenText]>: several.wrappedValue
            default: []
            }
        }
    }
}
