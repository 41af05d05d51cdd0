import Scheduling

/// The models that a request may get, since it names an alias, as the operator lists them.
struct ExpectedChoice {
    let names: [String]
    /// Which of them it asks for; nil: where its name decides nothing.
    var position: Int?
    /// Since when it waits for that one.
    var since: Instant
    /// When it goes on to the next at the latest; nil: it waits for no time at all.
    var due: Instant?

    var name: String? { position.map { names[$0] } }

    var further: ArraySlice<String> { names.dropFirst((position ?? names.count) + 1) }
}
