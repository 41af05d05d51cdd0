extension RequestTable {
    static var otherProtocol: RequestTable {
        var table = RequestTable("other protocol")
        table.refuse(
            "RFC 9113 3.4",
            status: 505,
            [
                "preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "preface of HTTP/2 and frames": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
                "preface with fields": "PRI * HTTP/2.0\r\nHost: a\r\n\r\nSM\r\n\r\n",
            ]
        )
        table.refuse(
            "RFC 9112 3",
            [
                "preface that says 1.1": "\(Wire.request("PRI * HTTP/1.1"))SM\r\n\r\n",
                "half a preface": "SM\r\n\r\n",
                "TLS": "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}\u{3}\u{3}",
                "SSL 2": "\u{80}\u{2E}\u{1}\0\u{2}\0\u{15}\0\0\0\u{10}",
                "SSH": "SSH-2.0-OpenSSH_9.2\r\n", "SMTP": "EHLO a\r\n", "POP3": "USER a\r\n",
                "Redis": "*1\r\n$4\r\nPING\r\n",
                "memcached": "get a\r\n", "PROXY": "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n\(Wire.get())",
                "PROXY, second version": "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{C}\(Wire.get())",
                "SOCKS 5": "\u{5}\u{1}\0", "an answer": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "JSON": "{\"a\":1}\r\n",
                "FastCGI": "\u{1}\u{1}\0\u{1}\0\u{8}\0\0", "gRPC text": "\0\0\0\0\u{5}hello",
            ]
        )
        table.refuse(
            "RFC 9112 2.3",
            [
                "RTSP": "DESCRIBE rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n",
                "SIP": "INVITE sip:a@b SIP/2.0\r\nVia: c\r\n\r\n",
            ]
        )
        return table
    }
}
