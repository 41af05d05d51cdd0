import HTTPTypes
import Hummingbird
import NIOCore

/// A file of the dashboard's page, as it stands in the program.
struct PageFile: Sendable {
    /// Below `/dashboard/`.
    let name: String
    let bytes: ByteBuffer
    /// Changes with the bytes, RFC 9110 8.8.3.
    let tag: String

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = ByteBuffer(bytes: bytes)
        // FNV-1a: no secret, and nobody but us chooses the bytes.
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        tag = "\"\(String(hash, radix: 16))-\(bytes.count)\""
    }

    /// All but the page itself.
    static let all = [
        PageFile("accelerators.js", PackageResources.accelerators_js),
        PageFile("ask.js", PackageResources.ask_js),
        PageFile("dashboard.css", PackageResources.dashboard_css),
        PageFile("dashboard.js", PackageResources.dashboard_js),
        PageFile("events.js", PackageResources.events_js),
        PageFile("history.js", PackageResources.history_js),
        PageFile("icon.svg", PackageResources.icon_svg),
        PageFile("link.js", PackageResources.link_js),
        PageFile("log.js", PackageResources.log_js),
        PageFile("models.js", PackageResources.models_js),
        PageFile("order.js", PackageResources.order_js),
        PageFile("plot.js", PackageResources.plot_js),
        PageFile("requests.js", PackageResources.requests_js),
        PageFile("rows.js", PackageResources.rows_js),
        PageFile("servers.js", PackageResources.servers_js),
        PageFile("slots.js", PackageResources.slots_js),
        PageFile("tenants.js", PackageResources.tenants_js),
        PageFile("theme.js", PackageResources.theme_js),
        PageFile("try.js", PackageResources.try_js),
        PageFile("words.js", PackageResources.words_js),
    ]

    /// - Parameters:
    ///   - hasLogin: whether there is something to log out of.
    ///   - mayChange: whether who sees it may do more than look.
    static func page(hasLogin: Bool, mayChange: Bool = true) -> PageFile {
        var html = String(decoding: PackageResources.dashboard_html, as: UTF8.self)
        if hasLogin { html.replace(#"action="logout" hidden>"#, with: #"action="logout">"#) }
        if !mayChange { html.replace(#"<html lang="en">"#, with: #"<html lang="en" data-access="reading">"#) }
        return PageFile("dashboard.html", Array(html.utf8))
    }

    func response(to request: Request) -> Response {
        var headers = headers
        if let known = request.headers[.ifNoneMatch], Self.tags(known).contains(where: { $0 == tag || $0 == "*" }) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }

    private var headers: HTTPFields {
        var headers: HTTPFields = [
            .eTag: tag,
            // Asked for each time: after an update, all files are of one version.
            .cacheControl: "no-cache",
            .contentSecurityPolicy: Self.contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        return headers
    }

    /// Our own files, our own API, and no frames around us.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    private var contentType: String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "text/html; charset=utf-8"
        }
    }

    /// RFC 9110 13.1.2: compared weakly.
    private static func tags(_ field: String) -> [Substring] {
        field.split(separator: ",").map { element in
            let tag = element.drop { $0 == " " }.prefix { $0 != " " }
            return tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
        }
    }
}
