/// One thing that can be set: by its flag, its environment variable or its key in a file, which all follow from its name.
///
/// What it is called, what it means, how its text is read and what applies without one is said here and nowhere else.
struct Setting<Value: Equatable & Sendable>: Sendable {
    let description: SettingDescription
    let fallback: Value
    /// What the same was called before. They may read their texts in another way.
    let oldNames: [Setting<Value>]
    let read: @Sendable (_ texts: [String]) throws(FlagValueError) -> Value
    let show: @Sendable (Value) -> String

    private init(
        _ description: SettingDescription,
        fallback: Value,
        oldNames: [Setting<Value>],
        read: @escaping @Sendable ([String]) throws(FlagValueError) -> Value,
        show: @escaping @Sendable (Value) -> String
    ) {
        self.description = description
        self.fallback = fallback
        self.oldNames = oldNames
        self.read = read
        self.show = show
    }

    /// One text; where a flag is repeated, the last one counts.
    init(
        _ name: String,
        _ valueName: String,
        _ abstract: String,
        default fallback: Value,
        isSecret: Bool = false,
        oldNames: [Setting<Value>] = [],
        reading read: @escaping @Sendable (String) throws(FlagValueError) -> Value,
        showing show: @escaping @Sendable (Value) -> String = { "\($0)" }
    ) {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: show(fallback),
                takes: .one,
                isSecret: isSecret
            ),
            fallback: fallback,
            oldNames: oldNames,
            read: { texts throws(FlagValueError) in try read(texts.last ?? "") },
            show: show
        )
    }

    /// One text, or nothing.
    ///
    /// - Parameters:
    ///   - whenNone: what applies then, in words.
    ///   - isNoneWhenEmpty: whether an empty text is nothing, rather than a mistake.
    init<Wrapped: Equatable & Sendable>(
        _ name: String,
        _ valueName: String,
        _ abstract: String,
        whenNone: String? = nil,
        isSecret: Bool = false,
        isNoneWhenEmpty: Bool = false,
        oldNames: [Setting<Value>] = [],
        reading read: @escaping @Sendable (String) throws(FlagValueError) -> Wrapped
    ) where Value == Wrapped? {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: whenNone,
                takes: .one,
                isSecret: isSecret,
                isNoneWhenEmpty: isNoneWhenEmpty
            ),
            fallback: nil,
            oldNames: oldNames,
            read: { texts throws(FlagValueError) in try read(texts.last ?? "") },
            show: { $0.map { "\($0)" } ?? "(\(whenNone ?? "none"))" }
        )
    }

    /// What is accepted and changes nothing.
    init(unused name: String, _ valueName: String, _ abstract: String, default fallback: String) where Value == String {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: fallback,
                takes: .one,
                isNoneWhenEmpty: true
            ),
            fallback: fallback,
            oldNames: [],
            read: { texts throws(FlagValueError) in texts.last ?? "" },
            show: { $0 }
        )
    }

    /// What a setting was called before.
    ///
    /// - Parameter remark: how its text differs.
    init(
        old name: String,
        _ valueName: String,
        for flag: String,
        remark: String = "",
        default fallback: Value,
        isSecret: Bool = false,
        reading read: @escaping @Sendable (String) throws(FlagValueError) -> Value
    ) {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: "The same as \(flag)\(remark).",
                defaultText: nil,
                takes: .one,
                isSecret: isSecret
            ),
            fallback: fallback,
            oldNames: [],
            read: { texts throws(FlagValueError) in try read(texts.last ?? "") },
            show: { "\($0)" }
        )
    }

    /// Any number of texts.
    ///
    /// - Parameters:
    ///   - none: how it is shown that there are none.
    ///   - separator: what may stand between several in one text.
    init<Element: Equatable & Sendable>(
        several name: String,
        _ valueName: String,
        _ abstract: String,
        whenNone none: String = "none",
        isSecret: Bool = false,
        separatedBy separator: Character? = nil,
        reading read: @escaping @Sendable (String) throws(FlagValueError) -> Element
    ) where Value == [Element] {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: nil,
                takes: .several,
                isSecret: isSecret
            ),
            fallback: [],
            oldNames: [],
            read: { texts throws(FlagValueError) in
                var elements: [Element] = []
                for text in texts {
                    let parts = separator.map { text.split(separator: $0) } ?? [text[...]]
                    for part in parts { elements.append(try read(String(part))) }
                }
                return elements
            },
            show: { $0.isEmpty ? "(\(none))" : $0.map { "\($0)" }.joined(separator: ", ") }
        )
    }

    /// One text as a list, in which the last of a repeated flag stands alone.
    init<Element: Equatable & Sendable>(
        lastOf name: String,
        _ valueName: String,
        _ abstract: String,
        reading read: @escaping @Sendable (String) throws(FlagValueError) -> Element
    ) where Value == [Element] {
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: nil,
                takes: .one
            ),
            fallback: [],
            oldNames: [],
            read: { texts throws(FlagValueError) in [try read(texts.last ?? "")] },
            show: { $0.map { "\($0)" }.joined(separator: ", ") }
        )
    }

    /// One of few, in upper or lower case.
    ///
    /// - Parameters:
    ///   - synonyms: other words for some of them.
    ///   - isNoneWhenEmpty: whether an empty text is nothing, rather than a mistake.
    init(
        choice name: String,
        _ valueName: String,
        _ abstract: String,
        default fallback: Value,
        synonyms: [String: Value] = [:],
        isNoneWhenEmpty: Bool = false
    ) where Value: CaseIterable & RawRepresentable<String> {
        let choices = Value.allCases.map(\.rawValue)
        self.init(
            SettingDescription(
                name: name,
                valueName: valueName,
                abstract: abstract,
                defaultText: fallback.rawValue,
                takes: .one,
                choices: choices,
                isNoneWhenEmpty: isNoneWhenEmpty
            ),
            fallback: fallback,
            oldNames: [],
            read: { texts throws(FlagValueError) in
                let text = texts.last ?? ""
                let word = text.lowercased()
                guard let choice = Value(rawValue: word) ?? synonyms[word] else {
                    throw FlagValueError("\"\(text)\" is none of \(choices.joined(separator: ", "))")
                }
                return choice
            },
            show: { $0.rawValue }
        )
    }

    /// On or off.
    init(onOff name: String, _ abstract: String, default fallback: Bool = false) where Value == Bool {
        self.init(
            SettingDescription(
                name: name,
                valueName: "true|false",
                abstract: abstract,
                defaultText: "\(fallback)",
                takes: .onOff
            ),
            fallback: fallback,
            oldNames: [],
            read: { texts throws(FlagValueError) in try SettingText.onOff(texts.last ?? "") },
            show: { "\($0)" }
        )
    }

    /// On, off, or as other settings are.
    init(onOffOr name: String, _ abstract: String, whenNone: String) where Value == Bool? {
        self.init(
            SettingDescription(
                name: name,
                valueName: "true|false",
                abstract: abstract,
                defaultText: whenNone,
                takes: .onOff
            ),
            fallback: nil,
            oldNames: [],
            read: { texts throws(FlagValueError) in try SettingText.onOff(texts.last ?? "") },
            show: { $0.map { "\($0)" } ?? "(\(whenNone))" }
        )
    }
}
