import AccessControl
import LlamaServer

/// How the texts of settings are read. What is thrown goes on after the name of what was given: `--threads: ...`.
enum SettingText {
    /// Any text but none.
    static func text(_ text: String) throws(FlagValueError) -> String {
        guard !text.isEmpty else { throw FlagValueError("is empty") }
        return text
    }

    /// As requests may name it.
    static func modelName(_ text: String) throws(FlagValueError) -> String {
        guard 1...RequestBodyScan.longestModel ~= text.utf8.count else {
            throw FlagValueError("is empty, or longer than \(RequestBodyScan.longestModel) bytes")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw FlagValueError("has control characters in it")
        }
        return text
    }

    /// Of a header field or a cookie, RFC 9110 5.6.2.
    static func fieldName(_ text: String) throws(FlagValueError) -> String {
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        guard isName, !text.isEmpty else {
            throw FlagValueError("\"\(text)\" is no name of a header or a cookie, such as X-Session-Id")
        }
        return text
    }

    /// The name of a machine, without a port.
    static func hostName(_ text: String) throws(FlagValueError) -> String {
        guard (try? NetworkAddress(parsing: "\(text):1"))?.host == text else {
            throw FlagValueError(
                "\"\(text)\" is not a host name; write for example ops.example, without scheme and port"
            )
        }
        return text
    }

    /// A key or a token: what can stand in a header field. Complaints don't show it.
    static func secret(_ text: String) throws(FlagValueError) -> String {
        guard !text.isEmpty else { throw FlagValueError("is empty") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), text.first != " ", text.last != " " else {
            throw FlagValueError("has white space around it or a control character in it")
        }
        return text
    }

    static func addressRange(_ text: String) throws(FlagValueError) -> AddressRange {
        guard let range = AddressRange(text) else {
            throw FlagValueError("\"\(text)\" is neither an IP address nor a range of them such as 10.0.0.0/8")
        }
        return range
    }

    static func onOff(_ text: String) throws(FlagValueError) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on", "1", "t": true
        case "false", "no", "off", "0", "f": false
        default: throw FlagValueError("\"\(text)\" is neither true nor false")
        }
    }

    static func number(_ range: ClosedRange<Int>) -> @Sendable (String) throws(FlagValueError) -> Int {
        { text throws(FlagValueError) in
            guard let number = Int(text) else { throw FlagValueError("\"\(text)\" is not a whole number") }
            guard range.contains(number) else {
                throw FlagValueError(
                    range.upperBound == .max
                        ? "must not be less than \(range.lowerBound)"
                        : "must be from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
    }

    /// How many at most; `off` is 0.
    static func countOrOff(_ text: String) throws(FlagValueError) -> Int {
        if text.lowercased() == "off" { return 0 }
        guard let count = Int(text), count >= 0 else {
            throw FlagValueError("\"\(text)\" is neither off nor a whole number")
        }
        return count
    }

    static func shown(countOrOff count: Int) -> String { count == 0 ? "off" : "\(count)" }

    /// - Parameter lowest: 0 where it means "any free one", which it does to who listens.
    static func port(lowest: Int) -> @Sendable (String) throws(FlagValueError) -> Int {
        { text throws(FlagValueError) in
            guard let port = Int(text), (lowest...65535).contains(port) else {
                let shown = Int(text).map(String.init) ?? "\"\(text)\""
                throw FlagValueError("\(shown) is not a port; give one from \(lowest) to 65535")
            }
            return port
        }
    }

    /// - Parameter hint: what else one could do, after a semicolon.
    static func duration(
        atLeast shortest: Duration,
        hint: String = ""
    ) -> @Sendable (String) throws(FlagValueError) -> DurationFlag {
        { text throws(FlagValueError) in
            let flag = try DurationFlag(parsing: text)
            guard flag.duration >= shortest else {
                throw FlagValueError("must be at least \(DurationFlag(shortest))\(hint)")
            }
            return flag
        }
    }

    /// A whole number of milliseconds, as in Paddler 0.10. Fewer than are possible count as the fewest.
    static func milliseconds(
        atLeast shortest: Int
    ) -> @Sendable (String) throws(FlagValueError) -> DurationFlag {
        { text throws(FlagValueError) in
            guard let number = Int(text), number <= Int(Int32.max) else {
                throw FlagValueError("\"\(text)\" is not a whole number of milliseconds")
            }
            guard number > 0 else { throw FlagValueError("must be more than 0") }
            return DurationFlag(.milliseconds(max(number, shortest)))
        }
    }

    static func size(_ range: ClosedRange<Int>) -> @Sendable (String) throws(FlagValueError) -> ByteCountFlag {
        { text throws(FlagValueError) in
            let size = try ByteCountFlag(parsing: text)
            guard size.bytes >= range.lowerBound else { throw FlagValueError("must be more than 0") }
            guard size.bytes <= range.upperBound else {
                throw FlagValueError("must not be more than \(ByteCountFlag(bytes: range.upperBound))")
            }
            return size
        }
    }

    /// Names are made of it: nothing in it may end one.
    static func statsDPrefix(_ text: String) throws(FlagValueError) -> String {
        guard !text.isEmpty, text.utf8.allSatisfy({ isNameByte($0) || $0 == UInt8(ascii: ".") }) else {
            throw FlagValueError("\"\(text)\" is not a prefix; use letters, digits, dots, - and _")
        }
        return text
    }

    /// `name:value`, or a name alone.
    static func tag(_ text: String) throws(FlagValueError) -> String {
        let allowed = "./:"
        guard
            let first = text.utf8.first, isNameByte(first),
            text.utf8.allSatisfy({ isNameByte($0) || allowed.utf8.contains($0) })
        else {
            throw FlagValueError("\"\(text)\" is not a tag; write for example env:production,zone:a")
        }
        return text
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }

    /// A name or an address, or where the machine's own is asked for.
    ///
    /// - Parameters:
    ///   - portFlag: where a port goes that stands here by mistake.
    ///   - allAddressesWhenEmpty: whether nothing means every address of this machine, as to listeners of Paddler 0.10.
    static func host(
        portFlag: String,
        allAddressesWhenEmpty: Bool
    ) -> @Sendable (String) throws(FlagValueError) -> String {
        { text throws(FlagValueError) in
            if allAddressesWhenEmpty, text.isEmpty { return AllAddresses.host }
            return try host(text, portFlag: portFlag)
        }
    }

    private static func host(_ text: String, portFlag: String) throws(FlagValueError) -> String {
        let unbracketed = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        guard !unbracketed.isEmpty else { throw FlagValueError("is empty; give a name or an IP address") }
        if let metadata = try MetadataHostText.host(unbracketed) { return metadata }
        let asAddress = unbracketed.contains(":") ? "[\(unbracketed)]:1" : "\(unbracketed):1"
        let isOneColon = unbracketed.count(where: { $0 == ":" }) == 1
        guard !isOneColon, (try? NetworkAddress(parsing: asAddress)) != nil else {
            throw FlagValueError("\"\(text)\" is not a name or an IP address; a port goes into \(portFlag)")
        }
        return unbracketed
    }

    /// The beginning of paths.
    static func pathPrefix(_ text: String) throws(FlagValueError) -> PathPrefix {
        guard let prefix = PathPrefix(text) else {
            throw FlagValueError("\"\(text)\" is not the beginning of a path; write for example /llm")
        }
        return prefix
    }

    static func address(
        allowingZeroPort: Bool,
        allowingSocket: Bool
    ) -> @Sendable (String) throws(FlagValueError) -> NetworkAddress {
        { text throws(FlagValueError) in
            if let metadata = try MetadataHostText.address(text, lowestPort: allowingZeroPort ? 0 : 1) {
                return metadata
            }
            do {
                return try NetworkAddress(
                    parsing: text,
                    allowingZeroPort: allowingZeroPort,
                    allowingSocket: allowingSocket
                )
            } catch {
                throw FlagValueError("\(error)")
            }
        }
    }
}

/// By what an address is spoken to.
enum Scheme: String, CaseIterable, Sendable, CustomStringConvertible {
    case http, https

    var description: String { rawValue }
}
