// Hot: runs for every request.

/// The parts of a request target, RFC 9112 3.2.
struct RequestTarget: Sendable {
    var path = 0..<0
    var pathAndQuery = 0..<0
    var authority: Range<Int>?

    /// - Parameter target: not empty, and only of characters that a target may have.
    static func parts(
        of target: Range<Int>,
        in bytes: Span<UInt8>,
        method: RequestMethod
    ) throws(FramingError) -> RequestTarget {
        let first = bytes[target.lowerBound]
        if method == .connect { return try authorityForm(target, in: bytes) }
        if first == UInt8(ascii: "/") { return originForm(target, in: bytes) }
        if first == UInt8(ascii: "*"), target.count == 1 {
            guard method == .options else { throw .targetDoesNotFitMethod }
            return RequestTarget(path: target, pathAndQuery: target)
        }
        return try absoluteForm(target, in: bytes)
    }

    /// RFC 9112 3.2.3 and RFC 9110 9.3.6: always with a port.
    private static func authorityForm(
        _ target: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(FramingError) -> RequestTarget {
        guard bytes[target.lowerBound] != UInt8(ascii: "/") else { throw .targetDoesNotFitMethod }
        guard bytes.isAuthority(target, allowsEmpty: false), bytes.endsInPort(target) else { throw .invalidAuthority }
        let none = target.upperBound..<target.upperBound
        return RequestTarget(path: none, pathAndQuery: none, authority: target)
    }

    private static func originForm(_ target: Range<Int>, in bytes: Span<UInt8>) -> RequestTarget {
        var pathEnd = target.lowerBound
        while pathEnd < target.upperBound, bytes[pathEnd] != UInt8(ascii: "?") { pathEnd &+= 1 }
        return RequestTarget(path: target.lowerBound..<pathEnd, pathAndQuery: target)
    }

    private static func absoluteForm(
        _ target: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(FramingError) -> RequestTarget {
        var start = target.lowerBound
        if bytes.hasPrefix("http://", target) {
            start += 7
        } else if bytes.hasPrefix("https://", target) {
            start += 8
        } else {
            // No other scheme leads to a server behind a reverse proxy.
            throw .invalidTarget
        }
        var end = start
        while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard bytes.isAuthority(start..<end, allowsEmpty: false) else { throw .invalidAuthority }
        var parts = originForm(end..<target.upperBound, in: bytes)
        parts.authority = start..<end
        return parts
    }
}

extension Span<UInt8> {
    fileprivate func hasPrefix(_ lowercase: StaticString, _ range: Range<Int>) -> Bool {
        guard range.count >= lowercase.utf8CodeUnitCount else { return false }
        return equalsIgnoringCase(range.lowerBound..<range.lowerBound + lowercase.utf8CodeUnitCount, lowercase)
    }

    /// - Parameter authority: a valid one.
    fileprivate func endsInPort(_ authority: Range<Int>) -> Bool {
        var start = authority.upperBound
        while start > authority.lowerBound, self[start - 1].isDigit { start -= 1 }
        return start < authority.upperBound && start > authority.lowerBound && self[start - 1] == UInt8(ascii: ":")
    }
}
