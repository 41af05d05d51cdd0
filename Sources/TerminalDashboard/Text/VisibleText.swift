/// What a terminal may be given of a text from elsewhere: nothing that it obeys, and nothing whose width terminals
/// disagree about.
enum VisibleText {
    static func of(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in text.unicodeScalars {
            marks = isMark(scalar) ? marks + 1 : 0
            if marks <= mostMarks, let shown = shown(scalar) { result.append(shown) }
        }
        return String(result)
    }

    /// With `?` for what isn't ASCII, as wide as it was.
    static func inASCII(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        return text.unicodeScalars.map {
            $0.isASCII ? String(Character($0)) : String(repeating: "?", count: CharacterWidth.of($0))
        }.joined()
    }

    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + CharacterWidth.of($1) }
    }

    /// On one letter.
    private static let mostMarks = 2

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .nonspacingMark
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        // Variants, colours of skin: some terminals join them to what is before, others don't.
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x1F3FB...0x1F3FF: return nil
        // Flags are two letters.
        case 0x1F1E6...0x1F1FF: return Unicode.Scalar(scalar.value - 0x1F1E6 + 0x41)
        default: break
        }
        switch scalar.properties.generalCategory {
        // Joiners and what turns the direction of writing.
        case .format: return nil
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return "\u{FFFD}"
        default: return scalar
        }
    }
}
