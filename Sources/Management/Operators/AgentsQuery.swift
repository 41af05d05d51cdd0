import Hummingbird
import LlamaServer

/// Which servers `GET /api/v1/agents` tells of, as its parameters say.
///
/// Pages are in the order of addresses: in that of balancing, servers would change places from one page to the next.
struct AgentsQuery: Equatable {
    /// Servers on a page at most.
    static let most = 1000
    private static let usual = 500
    /// Of what is searched for, in characters as JSON Schema counts them.
    private static let longestSearch = 200

    /// 1...``most``
    let limit: Int
    /// The address behind which the page begins; nil: it is the first one. It needn't be any server's.
    let after: String?
    /// In small letters. Each must be in a server's name, address, state, condition or models.
    let words: [String]

    /// - Returns: nil where nothing is said: all are told of, as they always were.
    init?(_ parameters: Parameters) throws(RequestFailure) {
        let limit = parameters["limit"].map(String.init)
        let after = parameters["after"].map(String.init)
        let search = parameters["search"].map(String.init)
        guard limit != nil || after != nil || search != nil else { return nil }
        try self.init(limit: limit, after: after, search: search)
    }

    init(limit: String? = nil, after: String? = nil, search: String? = nil) throws(RequestFailure) {
        self.limit = try limit.map(Self.limit) ?? Self.usual
        self.after = after
        guard search?.unicodeScalars.count ?? 0 <= Self.longestSearch else {
            throw .badRequest("search= must not be longer than \(Self.longestSearch) characters")
        }
        words = (search ?? "").lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    }

    private static func limit(_ text: String) throws(RequestFailure) -> Int {
        guard let limit = Int(text), 1...most ~= limit else {
            throw .badRequest("limit= must be a number from 1 to \(most)")
        }
        return limit
    }

    /// - Returns: those on the page, and how many that match come behind it.
    func page(of upstreams: [ListedUpstream]) -> (shown: [ListedUpstream], left: Int) {
        let matching = words.isEmpty ? upstreams : upstreams.filter { $0.has(words) }
        let rest = matching.map { (address: $0.address.description, upstream: $0) }
            .filter { one in after.map { one.address > $0 } ?? true }
            .sorted { $0.address < $1.address }
        return (rest.prefix(limit).map(\.upstream), max(0, rest.count - limit))
    }
}
