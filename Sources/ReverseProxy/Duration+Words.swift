extension Duration {
    /// `60 s`, `500 ms`: for messages.
    var formattedInWords: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard seconds < 1 || milliseconds >= 100 && seconds < 10 else {
            return "\(milliseconds >= 500 ? seconds + 1 : seconds) s"
        }
        return "\(seconds * 1000 + milliseconds) ms"
    }
}
