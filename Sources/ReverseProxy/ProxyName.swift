/// What this proxy calls itself in `Via`, RFC 9110 7.6.3: by it, it knows a request that it has sent on itself and that has
/// come back to it.
struct ProxyName: Sendable {
    /// `paddler-` and 16 digits, other ones for each process.
    let pseudonym: [UInt8]
    /// The field lines for what came by HTTP/1.0, by HTTP/1.1 and by HTTP/2.
    let lines: (http10: [UInt8], http11: [UInt8], http2: [UInt8])

    init() {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let name = "paddler-" + String(repeating: "0", count: 16 - digits.count) + digits
        pseudonym = Array(name.utf8)
        lines = (
            Array("Via: 1.0 \(name)\r\n".utf8), Array("Via: 1.1 \(name)\r\n".utf8), Array("Via: 2.0 \(name)\r\n".utf8)
        )
    }

    /// - Parameter value: of a `Via` field.
    func isNamed(in value: borrowing Span<UInt8>) -> Bool {
        guard value.count >= pseudonym.count else { return false }
        for start in 0...(value.count - pseudonym.count) where matches(value, at: start) { return true }
        return false
    }

    private func matches(_ value: borrowing Span<UInt8>, at start: Int) -> Bool {
        for index in pseudonym.indices where value[start + index] != pseudonym[index] { return false }
        return true
    }
}
