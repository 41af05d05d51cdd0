/// The signs that pictures are drawn with.
package struct Glyphs: Equatable, Sendable {
    /// From low to high.
    let levels: [Character]
    let leased: Character
    let foreign: Character
    let cooling: Character
    let idle: Character
    let rule: Character
    let bullet: String
    let ascending: String
    let descending: String
    let pointer: String
    /// At the end of what was cut.
    let cut: String
    package let isASCII: Bool

    package static let unicode = Glyphs(
        levels: Array("▁▂▃▄▅▆▇█"),
        leased: "█",
        foreign: "▓",
        cooling: "▒",
        idle: "░",
        rule: "─",
        bullet: "●",
        ascending: "▲",
        descending: "▼",
        pointer: "▸",
        cut: "…",
        isASCII: false
    )

    package static let ascii = Glyphs(
        levels: Array("_.-:=+*#"),
        leased: "#",
        foreign: "+",
        cooling: "~",
        idle: ".",
        rule: "-",
        bullet: "*",
        ascending: "^",
        descending: "v",
        pointer: ">",
        cut: "~",
        isASCII: true
    )

    /// By the locale's character set: POSIX 1-2017, chapter 8.2.
    package init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        self = name.contains("utf-8") || name.contains("utf8") ? .unicode : .ascii
    }

    private init(
        levels: [Character],
        leased: Character,
        foreign: Character,
        cooling: Character,
        idle: Character,
        rule: Character,
        bullet: String,
        ascending: String,
        descending: String,
        pointer: String,
        cut: String,
        isASCII: Bool
    ) {
        self.levels = levels
        self.leased = leased
        self.foreign = foreign
        self.cooling = cooling
        self.idle = idle
        self.rule = rule
        self.bullet = bullet
        self.ascending = ascending
        self.descending = descending
        self.pointer = pointer
        self.cut = cut
        self.isASCII = isASCII
    }
}
