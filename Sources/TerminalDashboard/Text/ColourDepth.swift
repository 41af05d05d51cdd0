/// How many colours a terminal has.
package enum ColourDepth: Sendable, CaseIterable {
    /// Bold and reversed text are no colours, and stay.
    case none
    case sixteen, indexed, trueColour

    /// From `NO_COLOR` (no-color.org), `COLORTERM` and `TERM`.
    package init(environment: [String: String]) {
        let term = environment["TERM"] ?? ""
        self =
            if !(environment["NO_COLOR"] ?? "").isEmpty || term.hasPrefix("vt") {
                .none
            } else if ["truecolor", "24bit"].contains(environment["COLORTERM"]) || term.hasSuffix("-direct") {
                .trueColour
            } else if term.contains("256color") {
                .indexed
            } else {
                .sixteen
            }
    }

    /// ECMA-48's SGR sequence that makes the style out of any other.
    func sequence(_ style: TextStyle) -> String {
        var codes = ["0"]
        if style.isBold { codes.append("1") }
        if style.isReversed { codes.append("7") }
        if let code = code(style.colour) { codes.append(code) }
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }

    private func code(_ colour: TextStyle.Colour) -> String? {
        switch (self, colour) {
        case (.none, _), (_, .normal): nil
        // Grey is bright black where there are 16: what makes text faint isn't known everywhere.
        case (.sixteen, .muted): "90"
        case (.sixteen, .accent): "36"
        case (.sixteen, .good): "32"
        case (.sixteen, .warning): "33"
        case (.sixteen, .bad): "31"
        // Readable on black and on white.
        case (.indexed, .muted): "38;5;244"
        case (.indexed, .accent): "38;5;32"
        case (.indexed, .good): "38;5;34"
        case (.indexed, .warning): "38;5;172"
        case (.indexed, .bad): "38;5;160"
        case (.trueColour, .muted): "38;2;128;128;128"
        case (.trueColour, .accent): "38;2;38;132;214"
        case (.trueColour, .good): "38;2;32;160;72"
        case (.trueColour, .warning): "38;2;208;128;0"
        case (.trueColour, .bad): "38;2;224;48;48"
        }
    }
}
