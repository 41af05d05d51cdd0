/// A file of keys: one a line; empty lines and those that begin with `#` are passed over, and so is white space around.
public enum KeyFile {
    public static func keys(in text: String) -> KeySet {
        KeySet(
            text.split(whereSeparator: \.isNewline)
                .map { String($0.trimmingWhitespace) }
                .filter { !$0.hasPrefix("#") }
        )
    }
}

extension Substring {
    fileprivate var trimmingWhitespace: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
