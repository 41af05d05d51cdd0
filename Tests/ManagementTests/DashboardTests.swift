import AccessControl
import NIOCore
import NIOHTTP1
import Testing

@testable import Management

@Suite("Dashboard", .timeLimit(.minutes(1)))
struct DashboardTests {
    private func harness(tokens: KeyRing = .open) -> ManagementHarness {
        ManagementHarness(tokens: tokens, dashboard: Dashboard { nil })
    }

    @Test("is not there unless it is enabled", arguments: ["/", "/dashboard", "/dashboard/dashboard.js"])
    func off(path: String) async throws {
        try await ManagementHarness().run { client in
            let r1 = try await client.send("GET", path)
            #expect(r1.status == 404)
            let r2 = try await client.send("POST", "/dashboard/chat")
            #expect(r2.status == 404)
            if !path.hasSuffix(".js") { #expect(r1.body.contains("--management-dashboard-enable")) }
        }
    }

    @Test("its files are ours alone, and nothing else may be loaded or run")
    func files() async throws {
        try await harness().run { client in
            let names = PageFile.all.map { "/dashboard/\($0.name)" }
            for path in ["/dashboard"] + names {
                let reply = try await client.send("GET", path)
                #expect(reply.status == 200)
                let policy = try #require(reply.headers.first(name: "content-security-policy"))
                #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"))
                #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
                #expect(reply.headers["x-content-type-options"] == ["nosniff"])
                #expect(reply.headers["cache-control"] == ["no-cache"])
                let r3 = try await client.send("HEAD", path)
                #expect(r3.status == 200)
                let r4 = try await client.send("POST", path)
                #expect(r4.status == 405)
            }
            let types = Set(try await contentTypes(of: ["/dashboard"] + names, client))
            #expect(
                types == [
                    "text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8",
                    "image/svg+xml",
                ]
            )
        }
    }

    private func contentTypes(of paths: [String], _ client: TestClient) async throws -> [String] {
        var types: [String] = []
        for path in paths { types.append(try #require(try await client.send("GET", path).contentType)) }
        return types
    }

    @Test("every file that a file refers to is served")
    func references() throws {
        let names = Set(PageFile.all.map(\.name))
        for file in PageFile.all + [PageFile.page(hasLogin: false)] {
            let text = String(buffer: file.bytes)
            for reference in text.matches(of: /from "\.\/([a-z.]+)"|"dashboard\/([a-z]+\.[a-z]+)"/) {
                let name = reference.1 ?? reference.2 ?? ""
                #expect(names.contains(String(name)), "\(file.name) refers to \(name)")
            }
            // Behind a path prefix, what begins with a slash is somebody else's.
            #expect(!text.contains(/(href|src|action)="\/|fetch\([`"]\//), "\(file.name) has an absolute path")
            for word in ["https://", "@import", " style=", " onclick=", "eval("] {
                #expect(!text.contains(word), "\(file.name) has \(word)")
            }
        }
    }

    @Test("a file that a browser has is not sent again")
    func notModified() async throws {
        try await harness().run { client in
            let tag = try #require(try await client.send("GET", "/dashboard").headers.first(name: "etag"))
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let reply = try await client.send("GET", "/dashboard", headers: ["if-none-match": known])
                #expect(reply.status == 304 && reply.body.isEmpty)
            }
            let other = try await client.send("GET", "/dashboard", headers: ["if-none-match": "\"x\""])
            #expect(other.status == 200)
        }
    }

    @Test("the root leads there")
    func root() async throws {
        try await harness().run { client in
            let reply = try await client.send("GET", "/")
            #expect(reply.status == 303 && reply.location == "./dashboard")
        }
    }

    @Test("people log in first, land there, and can log out")
    func login() async throws {
        try await harness(tokens: KeyRing(KeySet(["secret"]), isClosed: true)).run { client in
            let page = ["accept": "text/html"]
            let r5 = try await client.send("GET", "/dashboard", headers: page)
            #expect(r5.location == "./login?next=/dashboard")
            let r6 = try await client.send("GET", "/dashboard/dashboard.js")
            #expect(r6.status == 401)
            let r7 = try await client.send("POST", "/dashboard/chat")
            #expect(r7.status == 401)
            let form = ["content-type": "application/x-www-form-urlencoded"]
            let login = try await client.send("POST", "/login", headers: form, body: "token=secret")
            #expect(login.location == "./dashboard")
            let cookie = ["cookie": try #require(login.cookie)]
            let reply = try await client.send("GET", "/dashboard", headers: cookie)
            #expect(reply.body.contains(#"action="logout">"#))
        }
        try await harness().run { client in
            let reply = try await client.send("GET", "/dashboard")
            #expect(reply.body.contains(#"action="logout" hidden>"#))
        }
    }

    @Test(
        "a chat that can't be is refused in words",
        arguments: [
            (["content-type": "text/plain"], 415),
            (["content-type": "application/json", "sec-fetch-site": "cross-site"], 403),
            (["content-type": "application/json"], 503),
        ]
    )
    func chat(headers: [String: String], status: Int) async throws {
        try await harness().run { client in
            let reply = try await client.send("POST", "/dashboard/chat", headers: headers, body: "{}")
            #expect(reply.status == status)
            #expect(reply.body.hasPrefix(#"{"error":{"code":\#(status),"#))
        }
    }
}
