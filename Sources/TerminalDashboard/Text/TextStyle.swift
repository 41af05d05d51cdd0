/// How text looks, by what it means.
struct TextStyle: Equatable, Sendable {
    var colour = Colour.normal
    var isBold = false
    var isReversed = false

    enum Colour: Sendable, CaseIterable {
        case normal
        /// Of little weight.
        case muted
        case accent, good, warning, bad
    }

    static let normal = TextStyle()
    static let muted = TextStyle(colour: .muted)
    static let accent = TextStyle(colour: .accent)
    static let good = TextStyle(colour: .good)
    static let warning = TextStyle(colour: .warning)
    static let bad = TextStyle(colour: .bad)
    static let strong = TextStyle(isBold: true)

    var bold: TextStyle { TextStyle(colour: colour, isBold: true, isReversed: isReversed) }
}
