/// A few lines of YAML that stand for more than any memory holds.
enum YAMLBombs {
    /// Of each kind: lists of lists, as keys, and mappings as keys of mappings.
    static let all: [String] = [
        text { level in level == 0 ? "x0: &x0 [a, a]" : "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1)]" },
        text { level in level == 0 ? "? &x0 [a, a]\n: 1" : "? &x\(level) [*x\(level - 1), *x\(level - 1)]\n: 1" },
        text { level in
            level == 0
                ? "? &x0 {a: b}\n: 1" : "? &x\(level) {? *x\(level - 1)\n  : 1, b: *x\(level - 1)}\n: 1"
        },
    ]

    /// Where a look at lines would take the reference for a comment.
    static let hidden = [
        "# a comment\r\na: &a [b]\r\nc: *a\r\n", "# a comment\ra: &a [b]\rc: *a\r",
        "a: &a [b]\nc: [\"d\n # \", *a]\n", "a: &a b\n<<: *a\n", "a: &a b\n*a : c\n",
    ]

    private static func text(_ line: (Int) -> String) -> String {
        (0...60).map { line($0) + "\n" }.joined()
    }
}
