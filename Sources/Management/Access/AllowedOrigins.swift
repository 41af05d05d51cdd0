/// The origins whose pages may use the API from a browser.
struct AllowedOrigins: Sendable {
    private let origins: Set<String>

    /// - Parameter origins: each as `https://host` or `https://host:port`. Browsers write them in lower case and without
    ///   a slash at the end; people needn't.
    init(_ origins: [String]) {
        self.origins = Set(
            origins.map { origin in
                let lowercased = origin.lowercased()
                return lowercased.hasSuffix("/") ? String(lowercased.dropLast()) : lowercased
            }
        )
    }

    var isEmpty: Bool { origins.isEmpty }

    /// - Parameter origin: the field `Origin` of a request.
    func contains(_ origin: String) -> Bool { origins.contains(origin) }
}
