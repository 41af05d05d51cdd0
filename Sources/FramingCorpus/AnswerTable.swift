/// Collects the cases of a family, row by row.
struct AnswerTable {
    let family: String
    private(set) var cases: [AnswerCase] = []

    init(_ family: String) {
        self.family = family
    }

    mutating func refuse(
        _ rule: String,
        to method: String = "GET",
        closes: Bool = false,
        _ rows: KeyValuePairs<String, String>
    ) {
        for (name, text) in rows { add(name, rule, method, text, closes, .refused) }
    }

    mutating func refuse<Variations: Sequence<Variation>>(
        _ rule: String,
        each variations: Variations,
        _ what: String,
        _ text: (String) -> String
    ) {
        for variation in variations {
            add("\(what) \(variation.name)", rule, "GET", text(variation.text), false, .refused)
        }
    }

    mutating func cut(
        _ rule: String,
        to method: String = "GET",
        closes: Bool = false,
        _ rows: KeyValuePairs<String, String>
    ) {
        for (name, text) in rows { add(name, rule, method, text, closes, .cut) }
    }

    mutating func relay(
        _ rule: String,
        _ status: Int = 200,
        body: String = "",
        isLast: Bool = false,
        to method: String = "GET",
        closes: Bool = false,
        _ rows: KeyValuePairs<String, String>
    ) {
        for (name, text) in rows {
            add(name, rule, method, text, closes, .relayed(status: status, body: body, isLast: isLast))
        }
    }

    private mutating func add(
        _ name: String,
        _ rule: String,
        _ method: String,
        _ text: String,
        _ closes: Bool,
        _ expectation: AnswerExpectation
    ) {
        cases.append(
            AnswerCase(
                name: "\(family): \(name)",
                rule: rule,
                method: method,
                bytes: Wire.bytes(text),
                closes: closes,
                expectation: expectation
            )
        )
    }
}
