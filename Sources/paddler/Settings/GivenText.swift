import ArgumentParser

/// A text that stood after a flag.
struct GivenText: Sendable {
    /// The setting's name.
    let setting: String
    let text: String
}

/// The text may be a secret, and ArgumentParser would write it into the help as a default: neither shows it.
extension GivenText: CustomStringConvertible, CustomReflectable {
    var description: String { "" }
    var customMirror: Mirror { Mirror(self, children: ["setting": setting]) }
}

extension Option where Value == GivenText? {
    /// The flag of a setting that takes one text, or is on or off.
    ///
    /// - Parameter short: another name of it, a single letter.
    init<Set>(_ setting: Setting<Set>, short: Character? = nil) {
        let description = setting.description
        let long = NameSpecification.customLong(description.name)
        let name = short.map { [.customShort($0), .customLong(description.name)] } ?? long
        if description.takes == .onOff {
            self.init(
                name: name,
                defaultAsFlag: GivenText(setting: description.name, text: "true"),
                parsing: .next,
                help: description.help,
                completion: .list(["true", "false"]),
                transform: { GivenText(setting: description.name, text: $0) }
            )
        } else {
            self.init(
                name: name,
                help: description.help,
                completion: description.completion,
                transform: { GivenText(setting: description.name, text: $0) }
            )
        }
    }
}

extension Option where Value == [GivenText] {
    /// The flag of a setting that takes several texts.
    ///
    /// - Parameter short: another name of it, a single letter.
    init<Element>(wrappedValue: [GivenText], _ setting: Setting<[Element]>, short: Character? = nil) {
        let description = setting.description
        let long = NameSpecification.customLong(description.name)
        self.init(
            wrappedValue: wrappedValue,
            name: short.map { [.customShort($0), .customLong(description.name)] } ?? long,
            help: description.help,
            completion: description.completion,
            transform: { GivenText(setting: description.name, text: $0) }
        )
    }
}
