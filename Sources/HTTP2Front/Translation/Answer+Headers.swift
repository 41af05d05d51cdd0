import NIOHPACK

extension Answer {
    /// - Parameter bytes: those that began with the head.
    func headers(in bytes: Span<UInt8>) -> HPACKHeaders {
        var headers = HPACKHeaders()
        headers.reserveCapacity(16)
        headers.add(name: ":status", value: String(status))
        forEachField(in: bytes) { headers.add(name: $0, value: $1, indexing: Self.indexing(of: $0)) }
        return headers
    }

    /// Without those that are about the connection.
    var trailers: HPACKHeaders {
        var trailers = HPACKHeaders()
        forEachTrailer { name, value in
            guard (try? FieldText.check(name: name)) != nil else { return }
            trailers.add(name: name, value: value, indexing: .nonIndexable)
        }
        return trailers
    }

    /// What differs from answer to answer would push all else out of the table, which each field is looked for in.
    private static func indexing(of name: String) -> HPACKIndexing {
        switch (name.utf8.count, name) {
        case (14, "content-length"), (4, "etag"), (13, "last-modified"), (8, "location"), (11, "retry-after"),
            (13, "server-timing"), (10, "set-cookie"), (12, "x-request-id"):
            .nonIndexable
        default: .indexable
        }
    }
}
