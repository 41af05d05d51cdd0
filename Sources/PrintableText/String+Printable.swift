extension String {
    /// What may be shown of a text from elsewhere on one line of a terminal or a log: what a terminal obeys, what ends a line
    /// and what turns the direction of writing (Unicode's categories Cc, Cf, Zl, Zp, Co) becomes U+FFFD.
    ///
    /// - Parameter limit: characters; a longer text is cut and ends with an ellipsis.
    public func printable(atMost limit: Int = .max) -> String {
        if utf8.count <= limit, utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return self }
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars { shown.append(scalar.isPrintable ? scalar : "\u{FFFD}") }
        let text = String(shown)
        return text.count > limit ? text.prefix(limit - 1) + "…" : text
    }
}

extension Unicode.Scalar {
    /// Whether it is seen, and does nothing else.
    public var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: false
        default: true
        }
    }
}
