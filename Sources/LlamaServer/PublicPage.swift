// Once per request without a key. No allocation.

extension Endpoint {
    /// Whether llama-server shows this to everybody, whatever its `--api-key`: its web UI, which asks a person for the key,
    /// and what that page consists of. (llama.cpp, tools/server/server-http.cpp: the public endpoints.) `/health` is
    /// public, too, and a kind of its own.
    ///
    /// The names of the parts differ from build to build, so that a file below the root or one of the UI's folders counts,
    /// if it is of a kind that pages consist of. None of llama-server's other paths looks so.
    ///
    /// - Parameter path: of a GET or HEAD, as it came, without its query. Only the plain spelling is public.
    public static func isPublicPage(_ path: borrowing Span<UInt8>) -> Bool {
        if path.equals("/") || path.equals("/index.html") { return true }
        var slashes = 0
        var dot = 0
        for index in path.indices {
            switch path[index] {
            case UInt8(ascii: "/"):
                // `//` and what begins with a dot, `..` among them, are none of the UI's.
                guard index + 1 < path.count, path[index + 1] != UInt8(ascii: "/"), path[index + 1] != UInt8(ascii: ".")
                else { return false }
                slashes += 1
                dot = 0
            case UInt8(ascii: "."):
                dot = index
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                break
            default:
                return false
            }
        }
        guard dot > 0, path[0] == UInt8(ascii: "/") else { return false }
        let isInFolder = path.begins(with: "/_app/") || path.begins(with: "/recommended-mcp/")
        return (slashes == 1 || isInFolder) && isPart(path.extracting((dot + 1)...))
    }

    /// - Parameter suffix: of a file's name.
    private static func isPart(_ suffix: borrowing Span<UInt8>) -> Bool {
        switch suffix.count {
        case 2: suffix.equals("js")
        case 3: suffix.equals("css") || suffix.equals("svg") || suffix.equals("png") || suffix.equals("ico")
        case 4: suffix.equals("json") || suffix.equals("webp")
        case 5: suffix.equals("woff2")
        case 11: suffix.equals("webmanifest")
        default: false
        }
    }
}
