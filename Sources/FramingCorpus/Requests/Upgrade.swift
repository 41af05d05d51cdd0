extension RequestTable {
    /// RFC 9110 7.8 lets a server ignore `Upgrade`; passed on, it would make a tunnel past us. WebSockets are refused, so that
    /// their clients go on by HTTP at once.
    static var upgrade: RequestTable {
        var table = RequestTable("Upgrade")
        let plain = PassedRequest.get(absent: ["Upgrade", "Connection", "HTTP2-Settings"])
        table.pass(
            "RFC 9110 7.8",
            as: plain,
            laxBecause: "Upgrade is left out, so that it doesn't matter whether the rest of a handshake is there",
            [
                "h2c": Wire.get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
                "h2c without settings": Wire.get("Connection: Upgrade", "Upgrade: h2c"),
                "h2c that Connection doesn't name": Wire.get("Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
                "h2c in capitals": Wire.get("CONNECTION: UPGRADE", "UPGRADE: H2C", "HTTP2-SETTINGS: AAMAAABk"),
                "settings alone": Wire.get("HTTP2-Settings: AAMAAABk"),
                "TLS": Wire.get("Connection: Upgrade", "Upgrade: TLS/1.2, HTTP/1.1"),
                "several": Wire.get("Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"),
                "empty": Wire.get("Upgrade:"),
            ]
        )
        table.answer(
            "RFC 9110 15.5.22",
            status: 426,
            [
                "WebSocket": Wire.get(
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
                ),
                "WebSocket, keep-alive": Wire.get("Connection: keep-alive, Upgrade", "Upgrade: WebSocket"),
            ]
        )
        table.pass(
            "RFC 9110 7.8",
            as: .post(absent: ["Upgrade", "Connection", "HTTP2-Settings"]),
            [
                "h2c of a POST": Wire.post(
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABk",
                    "Content-Length: 5"
                ),
                "h2c of chunks": Wire.post(
                    "Connection: Upgrade",
                    "Upgrade: h2c",
                    "Transfer-Encoding: chunked",
                    body: "5\r\nhello\r\n0\r\n\r\n"
                ),
            ]
        )
        table.pass(
            "RFC 9110 7.8",
            as: .get(absent: ["Upgrade", "Connection"], isLast: true),
            ["h2c in HTTP/1.0": Wire.head("GET /props HTTP/1.0", ["Host: a", "Connection: Upgrade", "Upgrade: h2c"])]
        )
        return table
    }
}
