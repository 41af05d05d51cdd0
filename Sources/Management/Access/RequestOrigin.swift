import HTTPTypes
import Hummingbird

/// Whether a request was made by one of our own pages.
///
/// A browser that doesn't know `SameSite` sends our cookie with requests that others' pages make; so what changes
/// something is done only for our own.
enum RequestOrigin: Equatable {
    case ownPage
    case foreignPage
    /// No browser of the last years: these say.
    case unknown

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")

    init(_ request: Request) {
        if let site = Self.fetchSite.flatMap({ request.headers[$0] }) {
            // "none" is the person, not a page.
            self = site == "same-origin" || site == "none" ? .ownPage : .foreignPage
        } else if let origin = request.headers[.origin] {
            let authority = request.head.authority ?? ""
            self = origin == "http://\(authority)" || origin == "https://\(authority)" ? .ownPage : .foreignPage
        } else {
            self = .unknown
        }
    }
}
