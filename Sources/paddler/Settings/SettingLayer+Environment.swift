extension SettingLayer {
    /// The variables `PADDLER_...` of a process's environment. One that is empty counts as not given: that is how
    /// variables are switched off where they can't be removed. So does one that describes a service (``ServiceLink``).
    init(environment: [String: String], settings: [SettingDescription]) {
        var texts: [String: [String]] = [:]
        for setting in settings {
            guard let text = environment[setting.variable], !text.isEmpty, !ServiceLink.isMeant(by: text) else {
                continue
            }
            texts[setting.name] =
                switch setting.takes {
                case .one, .onOff: [text]
                case .several: text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
                }
        }
        self.init(.environment, texts)
    }

    private static func trimmed(_ part: Substring) -> String {
        let end = part.lastIndex { !$0.isWhitespace }.map(part.index(after:)) ?? part.startIndex
        return String(part[..<end].drop(while: \.isWhitespace))
    }
}
