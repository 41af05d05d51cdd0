/// Collects the cases of a family, row by row.
struct RequestTable {
    let family: String
    private(set) var cases: [RequestCase] = []

    init(_ family: String) {
        self.family = family
    }

    mutating func refuse(_ rule: String, status: Int = 400, _ rows: KeyValuePairs<String, String>) {
        for (name, text) in rows { add(name, rule, text, .refused(status)) }
    }

    /// - Parameter text: of each variation.
    mutating func refuse<Variations: Sequence<Variation>>(
        _ rule: String,
        status: Int = 400,
        each variations: Variations,
        _ what: String,
        _ text: (String) -> String
    ) {
        for variation in variations {
            add("\(what) \(variation.name)", rule, text(variation.text), .refused(status))
        }
    }

    mutating func answer(_ rule: String, status: Int, _ rows: KeyValuePairs<String, String>) {
        for (name, text) in rows { add(name, rule, text, .answered(status)) }
    }

    mutating func leave(_ rule: String, _ rows: KeyValuePairs<String, String>) {
        for (name, text) in rows { add(name, rule, text, .unfinished) }
    }

    mutating func pass(
        _ rule: String,
        as passed: PassedRequest,
        laxBecause reason: String? = nil,
        _ rows: KeyValuePairs<String, String>
    ) {
        for (name, text) in rows { add(name, rule, text, .passed(passed), reason) }
    }

    mutating func pass(
        _ rule: String,
        _ name: String,
        _ text: String,
        as passed: PassedRequest,
        laxBecause reason: String? = nil
    ) {
        add(name, rule, text, .passed(passed), reason)
    }

    private mutating func add(
        _ name: String,
        _ rule: String,
        _ text: String,
        _ expectation: RequestExpectation,
        _ laxBecause: String? = nil
    ) {
        cases.append(
            RequestCase(
                name: "\(family): \(name)",
                rule: rule,
                bytes: Wire.bytes(text),
                expectation: expectation,
                laxBecause: laxBecause
            )
        )
    }
}
