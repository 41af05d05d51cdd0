import HTTPTypes
import LlamaServer
import Testing

@testable import Management

@Suite("Which requests are let in by what a browser says of them")
struct RequestAdmissionTests {
    private static let loopback = NetworkAddress(host: "127.0.0.1", port: 8085)
    private static let everywhere = NetworkAddress(host: "0.0.0.0", port: 8085)

    private func admission(
        _ address: NetworkAddress = loopback,
        hasTokens: Bool = false,
        allowed: [String] = [],
        origins: [String] = []
    ) -> RequestAdmission {
        RequestAdmission(
            names: AnsweredNames(address: address, hasTokens: hasTokens, machine: "Box", allowed: allowed),
            origins: AllowedOrigins(origins)
        )
    }

    private func head(
        _ method: HTTPRequest.Method = .post,
        _ path: String = "/api/v1/agents/a/drain",
        host: String? = "127.0.0.1:8085",
        _ fields: [String: String] = [:]
    ) -> HTTPRequest {
        var head = HTTPRequest(method: method, scheme: "http", authority: host, path: path)
        for (name, value) in fields { head.headerFields[HTTPField.Name(name)!] = value }
        return head
    }

    private func head(_ fields: [String: String]) -> HTTPRequest {
        head(.post, "/api/v1/agents/a/drain", fields)
    }

    private func status(_ admission: RequestAdmission, _ head: HTTPRequest, forwardedHost: String? = nil) -> Int {
        do throws(RequestFailure) {
            _ = try admission.admit(head, forwardedHost: forwardedHost)
            return 200
        } catch {
            return error.status.code
        }
    }

    // MARK: - Pages

    @Test(
        "what another site's page sends is refused, whatever it asks for and whether there are tokens or not",
        arguments: [
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "http://evil.example"],
            ["Origin": "null"], ["Origin": "http://127.0.0.1:8086"], ["Origin": "http://localhost:8085"],
            ["Origin": "http://evil.example", "Sec-Fetch-Site": "none"],
            ["Origin": "http://127.0.0.1:8085", "Sec-Fetch-Site": "same-site"],
            ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"],
            ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"],
        ],
        [true, false]
    )
    func foreignPages(fields: [String: String], hasTokens: Bool) {
        for (method, path) in [
            (HTTPRequest.Method.post, "/register/target"), (.get, "/metrics"), (.options, "/health"),
        ] {
            #expect(status(admission(hasTokens: hasTokens), head(method, path, fields)) == 403)
        }
    }

    @Test("a person may follow another site's link, and no form may be sent so")
    func links() {
        let link = ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"]
        #expect(status(admission(), head(.get, "/dashboard", link)) == 200)
        #expect(status(admission(), head(.post, "/dashboard", link)) == 403)
        #expect(status(admission(), head(.get, "/dashboard", host: "evil.example", link)) == 403)
    }

    @Test(
        "our own pages and programs are let in",
        arguments: [
            ([:], RequestOrigin.unknown), (["Sec-Fetch-Site": "same-origin"], .ownPage),
            (["Sec-Fetch-Site": "none"], .ownPage), (["Origin": "http://127.0.0.1:8085"], .ownPage),
            (["Origin": "https://127.0.0.1:8085"], .ownPage),
            // A proxy in front has changed Host; the browser knows better.
            (["Origin": "https://ops.example", "Sec-Fetch-Site": "same-origin"], .ownPage),
            (["Origin": "https://ours.example", "Sec-Fetch-Site": "cross-site"], .allowedPage),
            (["Origin": "https://ours.example"], .allowedPage),
        ]
    )
    func own(fields: [String: String], origin: RequestOrigin) throws {
        #expect(try admission(origins: ["https://ours.example"]).admit(head(fields)) == origin)
    }

    @Test("behind a proxy that rewrites Host, its word counts where it is trusted")
    func forwardedHost() {
        let fields = ["Origin": "https://ops.example"]
        let admission = admission(hasTokens: true)
        #expect(status(admission, head(fields), forwardedHost: "ops.example") == 200)
        #expect(status(admission, head(fields), forwardedHost: "evil.example") == 403)
        #expect(status(admission, head(fields)) == 403)
    }

    // MARK: - Names

    @Test(
        "while there are no tokens, a loopback listener answers to its own names alone",
        arguments: [
            ("127.0.0.1:8085", 200), ("127.0.0.1", 200), ("[::1]:8085", 200), ("localhost:8085", 200),
            ("LOCALHOST", 200), ("localhost.", 200), ("a.localhost:1", 200), ("192.0.2.1:8085", 200),
            ("box:8085", 200), ("ops.example:8085", 200), ("Ops.Example.", 200), ("", 200), (nil, 200),
            ("evil.example:8085", 403), ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil", 403),
            ("xlocalhost", 403), ("box.evil.example", 403),
        ] as [(String?, Int)]
    )
    func names(host: String?, expected: Int) {
        let admission = admission(allowed: ["OPS.example"])
        for method in [HTTPRequest.Method.get, .post] {
            #expect(status(admission, head(method, "/api/v1/agents", host: host)) == expected)
            let page = ["Sec-Fetch-Site": "same-origin"]
            #expect(status(admission, head(method, "/api/v1/agents", host: host, page)) == expected)
        }
    }

    @Test(
        "a listener that others reach is known to programs by any name, and to browsers by its own",
        arguments: [
            ([:], 200), (["User-Agent": "Go-http-client/1.1"], 200), (["User-Agent": "Mozilla/5.0 (X11)"], 403),
            (["Accept-Language": "en"], 403), (["Sec-Fetch-Site": "same-origin"], 403),
            (["Origin": "http://balancer:8085"], 403), (["Referer": "http://balancer:8085/"], 403),
        ]
    )
    func otherAddresses(fields: [String: String], expected: Int) {
        #expect(status(admission(Self.everywhere), head(host: "balancer:8085", fields)) == expected)
        #expect(status(admission(Self.everywhere, allowed: ["balancer"]), head(host: "balancer:8085", fields)) == 200)
        #expect(status(admission(Self.everywhere, hasTokens: true), head(host: "balancer:8085", fields)) == 200)
    }

    @Test("a name that a proxy says was asked for must be known, too")
    func forwardedName() {
        let page = ["Sec-Fetch-Site": "same-origin"]
        #expect(status(admission(), head(page), forwardedHost: "evil.example") == 403)
        #expect(status(admission(allowed: ["ops.example"]), head(page), forwardedHost: "ops.example") == 200)
    }

    // MARK: - Types

    @Test(
        "what is posted is JSON, as far as a type is named",
        arguments: [
            (nil, 200), ("application/json", 200), ("Application/JSON; charset=utf-8", 200),
            ("application/x-ndjson", 200), ("text/plain", 415), ("text/plain;charset=UTF-8", 415),
            ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415), ("", 415),
            ("text/json", 415),
        ] as [(String?, Int)]
    )
    func types(type: String?, expected: Int) {
        var fields = ["Content-Length": "2"]
        fields["Content-Type"] = type
        #expect(status(admission(), head(.post, "/register/target", fields)) == expected)
        #expect(status(admission(), head(.post, "/login?next=/", fields)) == 200)
        fields["Content-Length"] = nil
        #expect(status(admission(), head(.post, "/api/v1/agents/a/drain", fields)) == 200)
        fields["Transfer-Encoding"] = "chunked"
        #expect(status(admission(), head(.post, "/status_update/a", fields)) == expected)
    }
}
