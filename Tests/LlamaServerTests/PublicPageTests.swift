import LlamaServer
import Testing

@Suite("llama-server's public pages")
struct PublicPageTests {
    private func isPublic(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return Endpoint.isPublicPage(bytes.span)
    }

    @Test(
        "the web UI and what it consists of are public",
        arguments: [
            "/", "/index.html", "/bundle.js", "/bundle.css", "/favicon.ico", "/sw.js", "/workbox-b3c04f83.js",
            "/manifest.webmanifest", "/build.json", "/pwa-512x512.png", "/_app/version.json",
            "/_app/immutable/bundle.CheKa0wg.js", "/_app/immutable/assets/bundle.DeU5_J36.css",
            "/recommended-mcp/github-dark.png", "/apple-splash-landscape-dark-1136x640.png",
        ]
    )
    func pages(path: String) {
        #expect(isPublic(path))
    }

    @Test(
        "nothing else is, however it is spelled",
        arguments: [
            "", "*", "/props", "/v1/models", "/slots", "/slots/0.js", "/v1/props.json", "/metrics", "//bundle.js",
            "/_app/../props", "/_app/..", "/.js", "/_app/.js", "/loading.html", "/a.php", "/%62undle.js", "/tools/a.js",
            "/bundle.js/", "/bundle.js;x", "/_app/", "bundle.js", "/.", "/a.",
        ]
    )
    func others(path: String) {
        #expect(!isPublic(path))
    }
}
