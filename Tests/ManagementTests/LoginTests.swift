import AccessControl
import NIOHTTP1
import Scheduling
import Testing

@testable import Management

@Suite("Login", .timeLimit(.minutes(1)))
struct LoginTests {
    private let keys = KeyRing(KeySet(["secret+1"]), isClosed: true)
    private var harness: ManagementHarness { ManagementHarness(tokens: keys) }

    private func logIn(
        _ client: TestClient,
        form: String = "token=secret%2B1",
        headers: [String: String] = [:]
    ) async throws -> TestReply {
        var headers = headers
        headers["content-type"] = "application/x-www-form-urlencoded"
        return try await client.send("POST", "/login", headers: headers, body: form)
    }

    private func session(_ client: TestClient) async throws -> String {
        try #require(try await logIn(client).cookie)
    }

    @Test("a person without a session is led to the login page and back")
    func redirection() async throws {
        try await harness.run { client in
            let accept = ["accept": "text/html,application/xhtml+xml;q=0.9"]
            let first = try await client.send("GET", "/api/v1/buffered_requests?a=1&b=%20", headers: accept)
            #expect(first.status == 303)
            let location = try #require(first.location)
            #expect(location == "../../login?next=/api/v1/buffered_requests?a%3D1%26b%3D%2520")

            let page = try await client.send("GET", String(location.dropFirst(5)))
            #expect(page.status == 200)
            #expect(page.body.contains(#"value="/api/v1/buffered_requests?a=1&amp;b=%20""#))

            let form = "token=secret%2B1&next=%2Fapi%2Fv1%2Fbuffered_requests%3Fa%3D1%26b%3D%2520"
            let second = try await logIn(client, form: form)
            #expect(second.status == 303)
            #expect(second.location == "./api/v1/buffered_requests?a=1&b=%20")
        }
    }

    @Test(
        "nobody is led to another server",
        arguments: ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb", "", "evil", "/%0d", "/\""]
    )
    func openRedirect(next: String) async throws {
        let path = LocalPath(next)
        #expect(path == nil || path?.text == "/%0d")
        try await harness.run { client in
            let encoded = next.utf8.map { byte in
                let digits = String(byte, radix: 16)
                return "%" + (digits.count == 1 ? "0" : "") + digits
            }
            let reply = try await logIn(client, form: "token=secret%2B1&next=" + encoded.joined())
            #expect(reply.status == 303)
            #expect(reply.location == ("." + (path?.text ?? "/api/v1/agents")))
            #expect(reply.headers["location"].count == 1)
        }
    }

    @Test("the page uses nothing from elsewhere and lets nothing else in")
    func page() async throws {
        try await harness.run { client in
            let page = try await client.send("GET", "/login")
            #expect(page.contentType == "text/html; charset=utf-8")
            let policy = try #require(page.headers.first(name: "content-security-policy"))
            #expect(policy.hasPrefix("default-src 'none'; style-src 'nonce-"))
            #expect(policy.contains("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"))
            #expect(page.headers["x-content-type-options"] == ["nosniff"])
            for word in ["<script", "http:", "https:", "url(", "@import", "src="] {
                #expect(!page.body.contains(word))
            }
            #expect(page.body.contains(#"<label for="token">"#))
            #expect(page.body.contains("prefers-color-scheme: dark"))
            let again = try await client.send("GET", "/login")
            #expect(again.headers.first(name: "content-security-policy") != policy)
            #expect(try await client.send("HEAD", "/login").status == 200)
        }
    }

    @Test("a token opens a session, whose cookie no script reads and which holds nothing of the token")
    func session() async throws {
        try await harness.run { client in
            let reply = try await logIn(client)
            #expect(reply.status == 303)
            let cookie = try #require(reply.headers.first(name: "set-cookie"))
            #expect(
                cookie.contains("; Path=/;") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict")
            )
            #expect(!cookie.contains("Secure") && !cookie.contains("secret"))
            let headers = ["cookie": "other=1; \(try #require(reply.cookie))", "accept": "text/html"]
            #expect(try await client.send("GET", "/api/v1/agents", headers: headers).status == 200)
        }
    }

    @Test("over HTTPS, as a proxy says, the cookie stays on HTTPS", arguments: ["https", "HTTPS", "https, http"])
    func secure(proto: String) async throws {
        try await harness.run { client in
            let reply = try await logIn(client, headers: ["x-forwarded-proto": proto])
            let cookie = try #require(reply.headers.first(name: "set-cookie"))
            #expect(cookie.hasPrefix("__Host-paddler_session=") && cookie.hasSuffix("; Secure"))
            let headers = ["cookie": try #require(reply.cookie), "x-forwarded-proto": proto]
            #expect(try await client.send("GET", "/api/v1/agents", headers: headers).status == 200)
        }
    }

    @Test(
        "what is no token is refused on the page",
        arguments: ["token=wrong", "token=", "", "next=/", "token=%FF", "token[]=secret%2B1", "a&b&c=&="]
    )
    func refused(form: String) async throws {
        try await harness.run { client in
            let reply = try await logIn(client, form: form)
            #expect(reply.status == 401 || reply.status == 400)
            #expect(reply.cookie == nil)
            if reply.status == 401 { #expect(reply.body.contains(#"role="alert""#)) }
        }
    }

    @Test("a form larger than any login is refused")
    func large() async throws {
        try await harness.run { client in
            let reply = try await logIn(client, form: "token=" + String(repeating: "x", count: 9000))
            #expect(reply.status == 413)
        }
    }

    @Test("a session ends when a person logs out, and not because another site's page says so")
    func logout() async throws {
        try await harness.run { client in
            let cookie = try await session(client)
            for headers in [[:], ["origin": "https://evil.example"], ["sec-fetch-site": "cross-site"]] {
                let headers = headers.merging(["cookie": cookie]) { $1 }
                #expect(try await client.send("POST", "/logout", headers: headers).status == 403)
            }
            #expect(try await client.send("GET", "/api/v1/agents", headers: ["cookie": cookie]).status == 200)
            let headers = ["cookie": cookie, "sec-fetch-site": "same-origin"]
            let reply = try await client.send("POST", "/logout", headers: headers)
            #expect(reply.status == 303)
            #expect(reply.headers.first(name: "set-cookie")?.contains("Max-Age=0") == true)
            #expect(try await client.send("GET", "/api/v1/agents", headers: ["cookie": cookie]).status == 401)
        }
    }

    @Test("another site's page can't log a person in")
    func foreignLogin() async throws {
        try await harness.run { client in
            let reply = try await logIn(client, headers: ["origin": "https://evil.example"])
            #expect(reply.status == 403)
            let own = try await logIn(client, headers: ["origin": "http://\(client.address)"])
            #expect(own.status == 303)
        }
    }

    @Test(
        "with a session, only our own pages change something",
        arguments: [
            ("sec-fetch-site", "cross-site", 403), ("sec-fetch-site", "same-site", 403), ("origin", "null", 403),
            ("origin", "https://evil.example", 403), ("x-nothing", "", 403), ("sec-fetch-site", "same-origin", 404),
            ("sec-fetch-site", "none", 404),
        ]
    )
    func crossSite(name: String, value: String, status: Int) async throws {
        try await harness.run { client in
            let headers = ["cookie": try await session(client), name: value]
            let reply = try await client.send("POST", "/api/v1/agents/a/drain", headers: headers)
            #expect(reply.status == status)
        }
    }

    @Test("a session ends with its time, and with the token that opened it")
    func ends() async throws {
        let harness = harness
        try await harness.run { client in
            let first = ["cookie": try await session(client)]
            harness.fleet.advance(by: Sessions.lifetime)
            #expect(try await client.send("GET", "/api/v1/agents", headers: first).status == 401)
            let second = ["cookie": try await session(client)]
            #expect(try await client.send("GET", "/api/v1/agents", headers: second).status == 200)
            keys.replace(KeySet(["another"]))
            #expect(try await client.send("GET", "/api/v1/agents", headers: second).status == 401)
        }
    }

    @Test("without tokens there is nothing to log in to")
    func open() async throws {
        try await ManagementHarness().run { client in
            let page = try await client.send("GET", "/login")
            #expect(page.status == 404)
            let logout = try await client.send("POST", "/logout")
            #expect(logout.status == 404)
        }
    }

    @Test("there are so many sessions, and the one that would end first makes room")
    func bounded() {
        var sessions = Sessions()
        var now = Instant(nanoseconds: 0)
        for number in 0..<(Sessions.limit + 1) {
            now = now + .seconds(1)
            sessions.open("\(number)", token: [1], at: now)
        }
        #expect(sessions.count == Sessions.limit)
        #expect(sessions.token(of: "0", at: now) == nil)
        #expect(sessions.token(of: "1", at: now) != nil)
        var text = ""
        dump(sessions, to: &text)
        #expect(!text.contains("token"))
    }

    @Test("ids of sessions are long and never the same")
    func ids() {
        let ids = Set((0..<1000).map { _ in Door.randomID() })
        #expect(ids.count == 1000)
        #expect(ids.allSatisfy { $0.count == 64 })
    }

    @Test(
        "where people are sent holds below any prefix",
        arguments: [
            ("/login", "/", "./login"), ("/login", "/dashboard", "./login"),
            ("/login", "/api/v1/agents", "../../login"),
            ("/a:b?x=/y", "/login?next=/z/z", "./a:b?x=/y"), ("/login", "//", "../login"),
        ]
    )
    func references(target: String, from: String, reference: String) throws {
        #expect(try #require(LocalPath(target)).reference(from: from) == reference)
    }

    @Test(
        "behind a proxy that rewrites Host a person can log in if the proxy is trusted, and is told what to do if not"
    )
    func rewrittenHost() async throws {
        let headers = ["origin": "https://ops.example", "x-forwarded-host": "ops.example"]
        try await ManagementHarness(tokens: keys, trustedProxies: .loopback).run { client in
            let answer = try await logIn(client, headers: headers)
            #expect(answer.status == 303)
        }
        try await harness.run { client in
            let reply = try await logIn(client, headers: headers)
            #expect(reply.status == 403)
            #expect(reply.body.contains("--trusted-proxies"))
        }
    }
}
