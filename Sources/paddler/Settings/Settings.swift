import LlamaServer

/// What was given for a command's settings: by flags before the environment, by that before the file, by that before the
/// defaults.
struct Settings: Sendable {
    /// What comes first counts.
    let layers: [SettingLayer]
    /// What to tell the operator of variables that are ignored.
    var remarks: [EnvironmentRemark] = []
    /// The models that the file lists.
    var models: [ModelEntry] = []

    /// A value, and where it comes from.
    struct Found<Value: Sendable>: Sendable {
        let value: Value
        /// As people find it; nil: nobody gave it.
        let label: String?

        func map<Other>(_ change: (Value) -> Other) -> Found<Other> {
            Settings.Found<Other>(value: change(value), label: label)
        }
    }

    /// What is set, or the default.
    ///
    /// - Throws: what is wrong with the text that counts. Texts that are overruled aren't looked at.
    func value<Value>(_ setting: Setting<Value>) throws(FlagValueError) -> Value {
        try found(setting).value
    }

    func found<Value>(_ setting: Setting<Value>) throws(FlagValueError) -> Found<Value> {
        for layer in layers {
            if let found = try find(setting, in: layer) { return found }
        }
        return Found(value: setting.fallback, label: nil)
    }

    /// Whether any place says something of it, which isn't read: it may be overruled.
    func isGiven<Value>(_ setting: Setting<Value>) -> Bool {
        layers.contains { $0.texts[setting.description.name] != nil }
    }

    func find<Value>(
        _ setting: Setting<Value>,
        in layer: SettingLayer
    ) throws(FlagValueError) -> Found<Value>? {
        var first: Found<Value>?
        for spelling in [setting] + setting.oldNames {
            guard let texts = layer.texts[spelling.description.name] else { continue }
            if spelling.description.isNoneWhenEmpty, texts.last == "" { continue }
            let label = layer.label(spelling.description)
            let value = try Self.read(spelling, texts, label: label)
            if let first, first.value != value {
                throw FlagValueError("\(first.label ?? "") and \(label) set the same and differ; use one of them")
            }
            first = first ?? Found(value: value, label: label)
        }
        return first
    }

    /// One of two settings that exclude each other: the one that was given with more right.
    ///
    /// - Throws: when one place has both.
    func either<First, Second>(
        _ first: Setting<First>,
        _ second: Setting<Second>
    ) throws(FlagValueError) -> (first: First, second: Second) {
        for layer in layers {
            switch (try find(first, in: layer), try find(second, in: layer)) {
            case (let first?, let second?):
                throw FlagValueError(
                    "\(first.label ?? "") and \(second.label ?? "") say the same thing; use one or the other"
                )
            case (let first?, nil): return (first.value, second.fallback)
            case (nil, let second?): return (first.fallback, second.value)
            case (nil, nil): continue
            }
        }
        return (first.fallback, second.fallback)
    }

    private static func read<Value>(
        _ setting: Setting<Value>,
        _ texts: [String],
        label: String
    ) throws(FlagValueError) -> Value {
        do {
            return try setting.read(texts)
        } catch {
            throw FlagValueError("\(label): \(error.description)")
        }
    }
}
