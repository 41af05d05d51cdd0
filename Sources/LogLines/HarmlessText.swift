/// Text of others as it may be shown: a terminal obeys control characters, a log ends a line at some of them, and marks of
/// direction make a line look like another.
package enum HarmlessText {
    package static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        // Unicode's Bidi_Control; other characters of this category hold emoji and words of some scripts together.
        case .format: !scalar.properties.isBidiControl
        default: true
        }
    }

    /// One line, with a space for each character that isn't harmless.
    package static func line(_ text: String) -> String {
        guard !text.unicodeScalars.allSatisfy(isHarmless) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isHarmless($0) ? $0 : " " }))
    }
}
