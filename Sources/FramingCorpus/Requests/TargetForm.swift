extension RequestTable {
    static var targetForm: RequestTable {
        var table = RequestTable("target form")
        let absolute = "RFC 9112 3.2.2"
        let reason = "the target's authority takes the place of Host, which so has nothing to say: the RFC's own rule"
        table.pass(absolute, "absolute", Wire.request("GET http://a/props HTTP/1.1"), as: .get(), laxBecause: reason)
        table.pass(
            absolute,
            "absolute, other Host",
            Wire.request("GET http://b/props HTTP/1.1"),
            as: .get(host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute, empty Host",
            Wire.request("GET http://b/props HTTP/1.1", host: ""),
            as: .get(host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute with port",
            Wire.request("GET http://b:80/props HTTP/1.1"),
            as: .get(host: "b:80"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute https",
            Wire.request("GET https://b/props HTTP/1.1"),
            as: .get(host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute in capitals",
            Wire.request("GET HTTP://B/props HTTP/1.1"),
            as: .get(host: "B"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute without path",
            Wire.request("GET http://b HTTP/1.1"),
            as: .get("/", host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute without path but a query",
            Wire.request("GET http://b?a HTTP/1.1"),
            as: .get("/?a", host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute with dots",
            Wire.request("GET http://b/../a HTTP/1.1"),
            as: .get("/../a", host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute in absolute",
            Wire.request("GET http://b/http://c/ HTTP/1.1"),
            as: .get("/http://c/", host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute, two slashes",
            Wire.request("GET http://b//c HTTP/1.1"),
            as: .get("//c", host: "b"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute, IPv6",
            Wire.request("GET http://[::1]:80/props HTTP/1.1"),
            as: .get(host: "[::1]:80"),
            laxBecause: reason
        )
        table.pass(
            absolute,
            "absolute of HTTP/1.0 without Host",
            Wire.request("GET http://b/props HTTP/1.0", host: nil),
            as: .get(host: "b", isLast: true),
            laxBecause: reason
        )
        table.pass(
            "RFC 9112 3.2.4",
            "asterisk of OPTIONS",
            Wire.request("OPTIONS * HTTP/1.1"),
            as: PassedRequest(startLine: "OPTIONS * HTTP/1.1")
        )
        table.refuse(
            "RFC 9112 3.2",
            [
                "absolute without Host": Wire.request("GET http://b/props HTTP/1.1", host: nil),
                "absolute with two": Wire.head("GET http://b/props HTTP/1.1", ["Host: a", "Host: b"]),
                "absolute with a bad Host": Wire.request("GET http://b/props HTTP/1.1", host: "a b"),
                "no authority": Wire.request("GET http:///props HTTP/1.1"),
                "nothing behind": Wire.request("GET http:// HTTP/1.1"),
                "one slash": Wire.request("GET http:/b/props HTTP/1.1"),
                "no slashes": Wire.request("GET http:props HTTP/1.1"),
                "backslashes": Wire.request("GET http:\\\\b\\props HTTP/1.1"),
                "backslash in authority": Wire.request("GET http://b\\c/ HTTP/1.1"),
                "other scheme": Wire.request("GET ftp://b/props HTTP/1.1"),
                "ws": Wire.request("GET ws://b/props HTTP/1.1"),
                "file": Wire.request("GET file:///etc/passwd HTTP/1.1"),
                "javascript": Wire.request("GET javascript:a HTTP/1.1"),
                "scheme with space": Wire.request("GET http ://b/ HTTP/1.1"),
                "authority for GET": Wire.request("GET b:80 HTTP/1.1"),
                "name for GET": Wire.request("GET b HTTP/1.1"), "asterisk for GET": Wire.request("GET * HTTP/1.1"),
                "asterisk for POST": Wire.head("POST * HTTP/1.1", ["Host: a", "Content-Length: 5"], body: "hello"),
                "two asterisks": Wire.request("OPTIONS ** HTTP/1.1"),
                "asterisk with a query": Wire.request("OPTIONS *?a HTTP/1.1"),
                "port that is none": Wire.request("GET http://b:x/ HTTP/1.1"),
                "two ports": Wire.request("GET http://b:1:2/ HTTP/1.1"),
                "IPv6 without end": Wire.request("GET http://[::1/ HTTP/1.1"),
                "IPv6 and text": Wire.request("GET http://[::1]b/ HTTP/1.1"),
                "empty brackets": Wire.request("GET http://[]/ HTTP/1.1"),
                "authority with %": Wire.request("GET http://b%/ HTTP/1.1"),
                "authority with a space": Wire.request("GET http://b c/ HTTP/1.1"),
            ]
        )
        table.refuse(
            "RFC 9110 4.2.4",
            [
                "user": Wire.request("GET http://a@b/ HTTP/1.1"),
                "user and password": Wire.request("GET http://a:b@c/ HTTP/1.1"),
                "empty user": Wire.request("GET http://@b/ HTTP/1.1"),
                "two at signs": Wire.request("GET http://a@b@c/ HTTP/1.1"),
            ]
        )
        table.answer(
            "RFC 9110 9.3.6",
            status: 501,
            [
                "CONNECT": Wire.request("CONNECT b:443 HTTP/1.1"),
                "CONNECT to IPv6": Wire.request("CONNECT [::1]:443 HTTP/1.1"),
                "CONNECT to itself": Wire.request("CONNECT a:80 HTTP/1.1"),
            ]
        )
        table.refuse(
            "RFC 9112 3.2.3",
            [
                "CONNECT to a path": Wire.request("CONNECT /props HTTP/1.1"),
                "CONNECT without port": Wire.request("CONNECT b HTTP/1.1"),
                "CONNECT with an empty port": Wire.request("CONNECT b: HTTP/1.1"),
                "CONNECT to a URI": Wire.request("CONNECT http://b/ HTTP/1.1"),
                "CONNECT *": Wire.request("CONNECT * HTTP/1.1"),
                "CONNECT with user": Wire.request("CONNECT a@b:443 HTTP/1.1"),
                "CONNECT without host": Wire.request("CONNECT :443 HTTP/1.1"),
            ]
        )
        table.refuse(
            "RFC 9110 9.3.6",
            status: 501,
            [
                "CONNECT with content": Wire.head(
                    "CONNECT b:443 HTTP/1.1",
                    ["Host: a", "Content-Length: 5"],
                    body: "hello"
                )
            ]
        )
        return table
    }
}
