// Hot: once per request.

extension Span<UInt8> {
    /// - Parameter literal: ASCII.
    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && begins(with: literal)
    }

    /// - Parameter literal: ASCII.
    package func begins(with literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard count >= length else { return false }
        let bytes = literal.utf8Start
        for index in 0..<length where self[index] != bytes[index] { return false }
        return true
    }
}
