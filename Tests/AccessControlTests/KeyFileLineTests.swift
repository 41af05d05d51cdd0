import KeyFileText
import Testing

@testable import AccessControl

@Suite("Lines of a file of keys")
struct KeyFileLineTests {
    private func keys(_ text: String) -> [String] {
        KeyFileLine.keys(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a file has a key a line, and comments")
    func file() {
        #expect(keys("# ours\nfirst\r\n\n  second \n#third\n\tfourth") == ["first", "second", "fourth"])
        #expect(keys("").isEmpty)
    }

    @Test("an editor's byte order mark is no part of the first key")
    func byteOrderMark() {
        #expect(keys("\u{FEFF}first\nsecond\n") == ["first", "second"])
        #expect(keys("\u{FEFF}# ours\n").isEmpty)
    }

    @Test("a key that isn't UTF-8 is compared by its bytes")
    func bytes() {
        #expect(KeyFileLine.keys(in: [0x6B, 0xE9, 0x0A]) == [[0x6B, 0xE9]])
    }

    @Test(
        "a file that is allowed and probably not meant is remarked on, without a key in the remark",
        arguments: [
            (
                "secret # mine\n", 0o600,
                ["line 1: white space inside a key, which is part of it; comments stand on lines of their own"]
            ),
            (
                "# ours\n\"secret\"\n'secret'\n", 0o600,
                [
                    "line 2: quotes around a key, which are part of it",
                    "line 3: quotes around a key, which are part of it",
                ]
            ),
            (
                "s\0e\0c\0\n", 0o600,
                ["line 1: a key with zero bytes, which no client can send; is the file UTF-16? Save it as UTF-8"]
            ),
            ("sécret\n", 0o600, ["line 1: a key with characters other than ASCII, which many clients cannot send"]),
            ("sec\u{1B}ret\n", 0o600, ["line 1: a control character inside a key, which no client can send"]),
            ("# none\n", 0o600, ["there is no key in it: it lets nobody in"]),
            ("", 0o600, ["there is no key in it: it lets nobody in"]),
            ("secret\n", 0o666, ["every user of this machine may change it; chmod o-rw takes that away"]),
            ("secret\n", 0o644, ["every user of this machine may read it; chmod o-r takes that away"]),
            ("secret\n\"\n#\"x\"", 0o640, []),
        ] as [(String, UInt32, [String])]
    )
    func remarks(text: String, mode: UInt32, expected: [String]) {
        let remarks = KeyFileRemark.all(on: Array(text.utf8), mode: mode).map(\.description)
        #expect(remarks == expected)
    }

    @Test("a file that is odd throughout doesn't fill the log")
    func bounded() {
        let text = String(repeating: "two words\n", count: 1000)
        let remarks = KeyFileRemark.all(on: Array(text.utf8), mode: nil)
        #expect(remarks.count == 6)
        #expect(remarks.last?.description == "995 further lines are as odd")
    }
}
