/// A text as it stands in YAML.
enum YAMLText {
    /// In quotes, unless it can't be taken for anything but itself without them.
    ///
    /// - Parameter text: without control characters.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                index > 0
            default: false
            }
        }
        // What YAML 1.1 takes for a truth, or for nothing.
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        if isPlain, !words.contains(text.lowercased()) { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
