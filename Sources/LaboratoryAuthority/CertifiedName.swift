internal import AccessControl

/// What a certificate may be for: the name of a machine, or its address.
public enum CertifiedName: Equatable, Sendable {
    /// Perhaps with a star for the first label.
    case dns(String)
    /// 4 or 16 bytes.
    case address([UInt8])

    public var isAddress: Bool {
        if case .address = self { true } else { false }
    }

    /// - Returns: nil when the text is neither.
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self = .address(address.networkOrder)
            return
        }
        let labels = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        let isWild = labels.count > 2 && labels[0] == "*"
        guard text.utf8.count <= 253, labels.dropFirst(isWild ? 1 : 0).allSatisfy(Self.isLabel),
            // What looks like an address and is none is a slip.
            labels.last?.allSatisfy(\.isNumber) != true
        else { return nil }
        self = .dns(text.lowercased())
    }

    /// RFC 1123 2.1, and the underscore of container networks.
    private static func isLabel(_ label: Substring) -> Bool {
        1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
