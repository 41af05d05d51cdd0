/// Why bytes were refused. After one of these nothing on the connection can be told apart any more: answer and close.
public enum FramingError: Error, Equatable, Sendable, CaseIterable {
    // Lines
    case bareLineFeed, bareCarriageReturn, controlCharacter
    case tooManyEmptyLines, requestLineTooLong, headTooLarge

    // Start lines
    case malformedRequestLine, invalidTarget, invalidAuthority, targetDoesNotFitMethod
    case malformedVersion, unsupportedVersion
    case malformedStatusLine

    // Fields
    case tooManyFields
    case foldedField, emptyFieldName, whitespaceBeforeColon, invalidFieldName, missingColon
    case missingHost, repeatedHost, invalidHost
    case invalidConnectionOption, tooManyConnectionOptions

    // Body framing
    case invalidContentLength, repeatedContentLength
    case unsupportedTransferCoding, repeatedTransferEncoding, transferEncodingInHTTP10
    case lengthAndTransferEncoding, tabAroundFraming

    // Chunked bodies
    case invalidChunkSize, chunkTooLarge, missingChunkEnd
    case invalidChunkExtension, chunkExtensionsTooLarge
    case invalidTrailer, forbiddenTrailer, trailersTooLarge

    /// The status with which a server answers such a request. (A gateway answers such a response with 502.)
    public var status: Int {
        switch self {
        case .requestLineTooLong: 414
        case .headTooLarge, .tooManyFields: 431
        case .unsupportedTransferCoding: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }
}

extension FramingError: CustomStringConvertible {
    /// One sentence that names the rule.
    public var description: String {
        switch self {
        case .bareLineFeed: "a line ends in LF without CR, RFC 9112 2.2"
        case .bareCarriageReturn: "a CR is not followed by LF, RFC 9112 2.2"
        case .controlCharacter: "a head contains a control character, RFC 9110 5.5"
        case .tooManyEmptyLines: "too many empty lines come before a request, RFC 9112 2.2"
        case .requestLineTooLong: "a request line is longer than the limit, RFC 9112 3"
        case .headTooLarge: "a head is larger than the limit, RFC 9110 5.4"
        case .malformedRequestLine:
            "a request line is not a method, a target and a version with one space between them, RFC 9112 3"
        case .invalidTarget:
            "a request target has none of the four forms, or a character that none may have, RFC 9112 3.2"
        case .invalidAuthority: "the authority of a request target is not a host with an optional port, RFC 9112 3.2"
        case .targetDoesNotFitMethod:
            "only OPTIONS has the target *, and CONNECT, and only it, an authority as its target, RFC 9112 3.2"
        case .malformedVersion: "a start line has no HTTP version, RFC 9112 2.3"
        case .unsupportedVersion: "an HTTP version is neither 1.0 nor 1.1, RFC 9112 2.3"
        case .malformedStatusLine: "a status line is not a version, a status of three digits and a reason, RFC 9112 4"
        case .tooManyFields: "a head has more field lines than the limit, RFC 9110 5.4"
        case .foldedField: "a field line starts with whitespace, RFC 9112 2.2 and 5.2"
        case .emptyFieldName: "a header field has no name, RFC 9112 5"
        case .whitespaceBeforeColon: "whitespace stands between a field name and its colon, RFC 9112 5.1"
        case .invalidFieldName: "a header field name contains a character that is not allowed, RFC 9110 5.1"
        case .missingColon: "a header field line has no colon, RFC 9112 5"
        case .missingHost: "an HTTP/1.1 request has no Host, RFC 9112 3.2"
        case .repeatedHost: "a request has more than one Host, RFC 9112 3.2"
        case .invalidHost: "the Host of a request is not a host with an optional port, RFC 9112 3.2"
        case .invalidConnectionOption: "an option of Connection is not a token, RFC 9110 7.6.1"
        case .tooManyConnectionOptions: "Connection names more fields than the limit, RFC 9110 7.6.1"
        case .invalidContentLength: "a Content-Length is not one number of bytes, RFC 9112 6.3"
        case .repeatedContentLength: "a message has more than one Content-Length, RFC 9112 6.3"
        case .unsupportedTransferCoding: "a Transfer-Encoding is not chunked alone, RFC 9112 6.1"
        case .repeatedTransferEncoding: "a message has more than one Transfer-Encoding, RFC 9112 6.1"
        case .transferEncodingInHTTP10: "an HTTP/1.0 message has a Transfer-Encoding, RFC 9112 6.1"
        case .lengthAndTransferEncoding: "a message has both Content-Length and Transfer-Encoding, RFC 9112 6.3"
        case .tabAroundFraming:
            "a Content-Length, Transfer-Encoding or Connection contains a tab, which not all read alike, RFC 9110 5.6.3"
        case .invalidChunkSize: "a chunk size is not a hexadecimal number, RFC 9112 7.1"
        case .chunkTooLarge: "a chunk size is too large, RFC 9112 7.1"
        case .missingChunkEnd: "a chunk is longer than its size says, RFC 9112 7.1"
        case .invalidChunkExtension: "a chunk extension is malformed, RFC 9112 7.1.1"
        case .chunkExtensionsTooLarge: "the chunk extensions of a body are larger than the limit, RFC 9112 7.1.1"
        case .invalidTrailer: "a trailer field is malformed, RFC 9112 7.1.2"
        case .forbiddenTrailer: "a trailer field says where a message ends or whom it is for, RFC 9110 6.5.1"
        case .trailersTooLarge: "the trailer fields of a body are larger than the limit, RFC 9112 7.1.2"
        }
    }
}
