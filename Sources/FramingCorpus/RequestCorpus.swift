/// All requests, by family. Each family is a table in a file of its own, in `Requests`.
package enum RequestCorpus {
    package static let families: [(name: String, cases: [RequestCase])] = tables.map { ($0.family, $0.cases) }

    /// Comes behind each case on its connection, and must reach the upstream as a request of its own, or never.
    package static let follower = "GET /follower HTTP/1.1\r\nHost: follower\r\nConnection: close\r\n\r\n"

    /// - Parameter text: of a case's expectation; each scalar is one byte.
    package static func bytes(of text: String) -> [UInt8] {
        Wire.bytes(text)
    }

    private static var tables: [RequestTable] {
        [
            .contentLength, .repeatedLength, .bothLengths, .transferEncoding, .chunkSize, .chunkEnd, .chunkExtension,
            .trailer, .lineEnd, .fieldName, .fieldValue, .foldedField, .method, .target, .targetForm, .version,
            .otherProtocol, .host, .connectionOption, .upgrade, .expectation, .emptyLine, .headSize, .bodyOfMethod,
        ]
    }
}
