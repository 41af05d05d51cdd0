/// What stands in a file of tenants: YAML.
///
/// ```yaml
/// classes: [interactive, default, batch]
/// tenants:
///   team-a:
///     keys: ["sha256:9f86d0…"]
///     models: [qwen-72b, "llama-*"]
///     class: interactive
///     requests-per-minute: 600
/// ```
struct TenantsFileText {
    let directory: TenantDirectory
    /// Where keys stand as they are shown.
    private let plainKeys: [(line: Int, tenant: String)]

    private static let rootKeys = ["classes", "tenants"]
    /// Roughly.
    private static let bytesOfTenant = 256
    private static let mostKeys = 100
    private static let mostModels = 1000
    /// Of any limit: more is none. Buckets count in ``TokenBucket`` without a fraction up to here.
    private static let mostPerMinute = 1_000_000_000
    private static let mostPerDay = 1_000_000_000_000
    private static let mostRequests = 1_000_000

    /// - Parameter numbers: those of tenants that were read before; those of new ones are added.
    init(_ contents: [UInt8], _ numbers: inout TenantNumbers) throws(YAMLMistake) {
        var yaml = try YAMLReader(contents)
        var classes: TenantClasses?
        var tenants: Tenants?
        if let indent = try yaml.nextIndent() {
            while let key = try yaml.key(at: indent) {
                if key.equals("classes") {
                    guard classes == nil else { throw YAMLMistake(key.line, "classes: given twice") }
                    guard tenants == nil else {
                        throw YAMLMistake(key.line, "classes: must stand before tenants, which name them")
                    }
                    classes = try Self.classes(yaml.value(below: indent))
                } else if key.equals("tenants") {
                    guard tenants == nil else { throw YAMLMistake(key.line, "tenants: given twice") }
                    var read = Tenants(classes ?? .standard, numbers)
                    read.byDigest.reserveCapacity(contents.count / Self.bytesOfTenant)
                    try read.read(&yaml, below: indent)
                    tenants = read
                } else {
                    throw YAMLMistake(key.line, Self.unknown(key.string, Self.rootKeys))
                }
            }
            guard try yaml.nextIndent() == nil else {
                throw YAMLMistake(
                    try yaml.nextLine(),
                    "it is indented less than the first line, and belongs to nothing"
                )
            }
        }
        let all = tenants ?? Tenants(classes ?? .standard, numbers)
        numbers = all.numbers
        plainKeys = all.plainKeys
        directory = TenantDirectory(
            classes: all.classes,
            usual: all.usual,
            count: all.count,
            byDigest: all.byDigest
        )
    }

    private static func unknown(_ name: String, _ known: [String]) -> String {
        "\(name): there is no such key; there are \(known.joined(separator: ", "))"
    }

    private static func classes(_ node: YAMLNode) throws(YAMLMistake) -> TenantClasses {
        guard case .sequence(let items) = node.content else {
            throw YAMLMistake(node.line, "classes: takes a list of names, the one that is served first in front")
        }
        var names: [String] = []
        for item in items {
            let name = try text(item, "classes")
            if let complaint = Tenant.complaint(aboutName: name) {
                throw YAMLMistake(item.line, "classes: \(complaint)")
            }
            guard !names.contains(name) else { throw YAMLMistake(item.line, "classes: lists \(name) twice") }
            names.append(name)
        }
        guard names.count <= TenantClasses.most else {
            throw YAMLMistake(node.line, "classes: there are \(names.count); no more than \(TenantClasses.most) may be")
        }
        guard names.contains(TenantClasses.usual) else {
            throw YAMLMistake(
                node.line,
                "classes: \(TenantClasses.usual) is missing, the class of whoever names none"
            )
        }
        return TenantClasses(names: names)
    }

    private static func text(_ node: YAMLNode, _ place: String) throws(YAMLMistake) -> String {
        guard case .scalar(let scalar) = node.content else {
            throw YAMLMistake(node.line, "\(place): takes names alone")
        }
        return scalar.string
    }

    // MARK: - Remarks

    /// So many lines are named; more tell nothing new.
    private static let mostLines = 5

    /// What is allowed and probably not meant. It never shows a key.
    ///
    /// - Parameter mode: the file's permissions; nil: unknown.
    func remarks(mode: UInt32?) -> [String] {
        var remarks: [String] = []
        if let mode, mode & 0o002 != 0 {
            remarks.append("every user of this machine may change it; chmod o-w takes that away")
        }
        if let mode, mode & 0o004 != 0, !plainKeys.isEmpty {
            remarks.append("every user of this machine may read the keys in it; chmod o-r takes that away")
        }
        remarks += plainKeys.prefix(Self.mostLines).map { line, tenant in
            "line \(line): a key of \(tenant) can be read there; write sha256: and its SHA-256 instead"
        }
        if plainKeys.count > Self.mostLines {
            remarks.append("\(plainKeys.count - Self.mostLines) further keys can be read there")
        }
        return remarks
    }

    // MARK: - Tenants

    private struct Tenants {
        let classes: TenantClasses
        var numbers: TenantNumbers
        var byDigest: [KeyDigest: Tenant] = [:]
        var usual: Tenant?
        var count = 0
        var plainKeys: [(line: Int, tenant: String)] = []
        /// By number: those that were read.
        private var isRead: [Bool] = []

        init(_ classes: TenantClasses, _ numbers: TenantNumbers) {
            self.classes = classes
            self.numbers = numbers
        }

        /// One tenant after the other, so that no more than one is ever held as text.
        mutating func read(_ yaml: inout YAMLReader, below indent: Int) throws(YAMLMistake) {
            if let inner = try yaml.block(below: indent) {
                while let key = try yaml.key(at: inner) { add(try fields(key, try yaml.value(below: inner))) }
                return
            }
            let node = try yaml.value(below: indent)
            switch node.content {
            case .nothing: return
            case .mapping(let entries): for entry in entries { add(try fields(entry.key, entry.value)) }
            case .scalar, .sequence:
                throw YAMLMistake(node.line, "tenants: takes names, each with what is said of it on lines of its own")
            }
        }

        private mutating func add(_ tenant: Tenant) {
            count += 1
            if tenant.number == TenantNumbers.usual { usual = tenant }
        }

        private mutating func number(of key: YAMLScalar) throws(YAMLMistake) -> (Int, String) {
            let name = key.string
            if let complaint = Tenant.complaint(aboutName: name) {
                throw YAMLMistake(key.line, "tenants: \(complaint)")
            }
            guard let number = numbers.number(of: name) else {
                throw YAMLMistake(
                    key.line,
                    """
                    tenants: \(name): there have been \(TenantNumbers.most) names of tenants since this process was started; \
                    start it again
                    """
                )
            }
            if number >= isRead.count {
                isRead += Array(repeating: false, count: max(number + 1 - isRead.count, isRead.count))
            }
            guard !isRead[number] else { throw YAMLMistake(key.line, "tenants: \(name): given twice") }
            isRead[number] = true
            return (number, name)
        }

        private mutating func fields(_ key: YAMLScalar, _ node: YAMLNode) throws(YAMLMistake) -> Tenant {
            let (number, name) = try number(of: key)
            let entries: [YAMLEntry]
            switch node.content {
            case .mapping(let all): entries = all
            case .nothing: entries = []
            case .scalar, .sequence:
                throw YAMLMistake(node.line, "tenants: \(name): takes lines like \"weight: 2\"")
            }
            var fields = TenantFields(name, classes)
            for entry in entries { try fields.read(entry) }
            let tenant = fields.tenant(number)
            guard !fields.keys.isEmpty || number == TenantNumbers.usual else {
                throw YAMLMistake(key.line, "tenants: \(name): keys: there are none, so that nobody can be it")
            }
            for key in fields.keys {
                if let other = byDigest.updateValue(tenant, forKey: key.digest) {
                    throw YAMLMistake(
                        key.line,
                        other.number == number
                            ? "tenants: \(name): keys: lists a key twice"
                            : "tenants: \(name): keys: this key is one of \(other.name), too"
                    )
                }
                if key.isPlain { plainKeys.append((key.line, name)) }
            }
            return tenant
        }
    }

    /// What is said of one tenant.
    private struct TenantFields {
        private let name: String
        private let classes: TenantClasses
        private(set) var keys: [(digest: KeyDigest, line: Int, isPlain: Bool)] = []
        private var models: ModelPatterns?
        private var rank: UInt8
        private var weight = 1
        private var maximumRunning: Int?
        private var maximumWaiting: Int?
        private var limits = TenantLimits()
        private var until: CivilDate?

        private static let names = [
            "keys", "models", "class", "weight", "max-running", "max-waiting", "requests-per-minute",
            "tokens-per-minute", "tokens-per-day", "until",
        ]

        init(_ name: String, _ classes: TenantClasses) {
            self.name = name
            self.classes = classes
            rank = classes.usualRank
        }

        func tenant(_ number: Int) -> Tenant {
            Tenant(
                number: number,
                name: name,
                rank: rank,
                weight: weight,
                maximumRunning: maximumRunning,
                maximumWaiting: maximumWaiting,
                limits: limits,
                models: models,
                until: until
            )
        }

        mutating func read(_ entry: YAMLEntry) throws(YAMLMistake) {
            let (key, value) = (entry.key, entry.value)
            if key.equals("keys") {
                try readKeys(value)
            } else if key.equals("models") {
                try readModels(value)
            } else if key.equals("class") {
                try readClass(value)
            } else if key.equals("weight") {
                weight = try number(value, key, 1...Tenant.mostWeight)
            } else if key.equals("max-running") {
                maximumRunning = try number(value, key, 1...TenantsFileText.mostRequests)
            } else if key.equals("max-waiting") {
                maximumWaiting = try number(value, key, 0...TenantsFileText.mostRequests)
            } else if key.equals("requests-per-minute") {
                limits.requestsPerMinute = try number(value, key, 1...TenantsFileText.mostPerMinute)
            } else if key.equals("tokens-per-minute") {
                limits.tokensPerMinute = try number(value, key, 1...TenantsFileText.mostPerMinute)
            } else if key.equals("tokens-per-day") {
                limits.tokensPerDay = try number(value, key, 1...TenantsFileText.mostPerDay)
            } else if key.equals("until") {
                try readUntil(value)
            } else {
                throw mistake(key.line, TenantsFileText.unknown(key.string, Self.names))
            }
        }

        private func mistake(_ line: Int, _ reason: String) -> YAMLMistake {
            YAMLMistake(line, "tenants: \(name): \(reason)")
        }

        /// A list, of which one alone needs no brackets.
        private func scalars(_ node: YAMLNode, _ key: String, most: Int) throws(YAMLMistake) -> [YAMLScalar] {
            var scalars: [YAMLScalar] = []
            switch node.content {
            case .scalar(let scalar): scalars = [scalar]
            case .sequence(let items):
                for item in items {
                    guard case .scalar(let scalar) = item.content else {
                        throw mistake(item.line, "\(key): takes a list of plain texts")
                    }
                    scalars.append(scalar)
                }
            case .nothing: break
            case .mapping: throw mistake(node.line, "\(key): takes a list of plain texts")
            }
            guard scalars.count <= most else {
                throw mistake(node.line, "\(key): there are \(scalars.count); no more than \(most) may be")
            }
            return scalars
        }

        private static let ofNothing = KeyDigest(of: [UInt8]().span)
        private static let digestPrefix = Array("sha256:".utf8)

        private mutating func readKeys(_ node: YAMLNode) throws(YAMLMistake) {
            for scalar in try scalars(node, "keys", most: TenantsFileText.mostKeys) {
                if scalar.text.starts(with: Self.digestPrefix) {
                    guard let digest = KeyDigest(hexadecimal: scalar.text.dropFirst(Self.digestPrefix.count)) else {
                        throw mistake(scalar.line, "keys: sha256: is followed by 64 digits from 0 to f")
                    }
                    guard digest != Self.ofNothing else {
                        throw mistake(scalar.line, "keys: this is the SHA-256 of nothing; what hashed it got no key")
                    }
                    keys.append((digest, scalar.line, false))
                    continue
                }
                guard let first = scalar.text.first, let last = scalar.text.last else {
                    throw mistake(scalar.line, "keys: a key is empty")
                }
                let space = UInt8(ascii: " ")
                guard scalar.text.allSatisfy({ $0 >= space && $0 != 0x7F }), first != space, last != space else {
                    throw mistake(scalar.line, "keys: a key has white space around it or a control character in it")
                }
                keys.append((KeyDigest(of: scalar.text.span), scalar.line, true))
            }
        }

        private mutating func readModels(_ node: YAMLNode) throws(YAMLMistake) {
            let scalars = try scalars(node, "models", most: TenantsFileText.mostModels)
            guard !scalars.isEmpty else {
                throw mistake(node.line, "models: lists nothing; leave it out to allow all")
            }
            for scalar in scalars where !(1...longestModel ~= scalar.text.count) {
                throw mistake(
                    scalar.line,
                    "models: a name is empty, or longer than \(TenantsFileText.longestModel) bytes"
                )
            }
            models = ModelPatterns(scalars.map(\.string))
        }

        private mutating func readClass(_ node: YAMLNode) throws(YAMLMistake) {
            guard case .scalar(let scalar) = node.content else { throw mistake(node.line, "class: takes a name") }
            guard let rank = classes.rank(of: scalar.string) else {
                throw mistake(
                    scalar.line,
                    "class: there is no class \(scalar.string); there are \(classes.names.joined(separator: ", "))"
                )
            }
            self.rank = rank
        }

        private mutating func readUntil(_ node: YAMLNode) throws(YAMLMistake) {
            guard case .scalar(let scalar) = node.content, let date = CivilDate(scalar.string) else {
                throw mistake(node.line, "until: takes a day, such as 2027-01-31")
            }
            until = date
        }

        private func number(_ node: YAMLNode, _ key: YAMLScalar, _ range: ClosedRange<Int>) throws(YAMLMistake) -> Int {
            // Not +1, which YAML takes for a number, too.
            guard case .scalar(let scalar) = node.content, scalar.text.first != UInt8(ascii: "+"),
                let number = Int(scalar.string)
            else { throw mistake(node.line, "\(key.string): takes a whole number") }
            guard range.contains(number) else {
                throw mistake(node.line, "\(key.string): must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// In bytes, as in a request.
    private static let longestModel = 512
}
