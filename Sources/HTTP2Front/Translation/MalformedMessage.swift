/// Why a message that came over HTTP/2 is malformed, RFC 9113 8.1.1: its stream ends with PROTOCOL_ERROR, and nothing of it is
/// passed on any more.
package enum MalformedMessage: Error, Equatable, Sendable, CaseIterable {
    case fieldName, fieldValue, connectionField
    case unknownPseudoField, repeatedPseudoField, latePseudoField, missingPseudoField, needlessPseudoField
    case method, scheme, authority, path, severalHosts
    case contentLength, bodyLength
    case pseudoFieldInTrailers, trailersWithoutEnd
}

extension MalformedMessage: CustomStringConvertible {
    /// One sentence that names the rule.
    package var description: String {
        switch self {
        case .fieldName: "a field's name is no token in lower case, RFC 9113 8.2.1"
        case .fieldValue: "a field's value has a control character in it or whitespace around it, RFC 9113 8.2.1"
        case .connectionField: "a field is about the connection, RFC 9113 8.2.2"
        case .unknownPseudoField: "a pseudo-header field is unknown, RFC 9113 8.3"
        case .repeatedPseudoField: "a pseudo-header field comes twice, RFC 9113 8.3"
        case .latePseudoField: "a pseudo-header field comes behind another field, RFC 9113 8.3"
        case .missingPseudoField: "a pseudo-header field is missing, RFC 9113 8.3.1"
        case .needlessPseudoField: "a CONNECT request has a scheme or a path, RFC 9113 8.5"
        case .method: "the method is no token, RFC 9110 9.1"
        case .scheme: "the scheme is none, RFC 3986 3.1"
        case .authority: "the authority is empty or has characters that it may not have, RFC 9113 8.3.1"
        case .path: "the path is empty, or none, RFC 9113 8.3.1"
        case .severalHosts: "the host is named twice, and not as the same, RFC 9113 8.3.1"
        case .contentLength: "the length of the body is no number, or there are two, RFC 9110 8.6"
        case .bodyLength: "the body isn't as long as was said, RFC 9113 8.1.1"
        case .pseudoFieldInTrailers: "there is a pseudo-header field behind the body, RFC 9113 8.1"
        case .trailersWithoutEnd: "fields behind the body don't end the stream, RFC 9113 8.1"
        }
    }
}
