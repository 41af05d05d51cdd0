internal import AccessControl

/// Bytes (proxy-protocol.txt 2.2).
enum ProxyHeaderV2 {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// Signature, version and command, family and transport, and how many bytes follow.
    private static let fixedLength = 16

    private enum Family {
        case unspecified
        case tcp4, tcp6
        /// Datagrams and sockets of a machine, of which a receiver needn't make anything.
        case other(addressBytes: Int)

        init?(_ byte: UInt8) {
            switch byte {
            case 0x00: self = .unspecified
            case 0x11: self = .tcp4
            case 0x21: self = .tcp6
            case 0x12: self = .other(addressBytes: 12)
            case 0x22: self = .other(addressBytes: 36)
            case 0x31, 0x32: self = .other(addressBytes: 216)
            default: return nil
            }
        }

        /// Of both ends, with their ports.
        var addressBytes: Int {
            switch self {
            case .unspecified: 0
            case .tcp4: 12
            case .tcp6: 36
            case .other(let bytes): bytes
            }
        }
    }

    static func read(_ bytes: [UInt8]) -> ProxyHeader.Reading {
        guard bytes.starts(with: signature.prefix(bytes.count)) else { return .refused(.missing) }
        guard bytes.count > 12 else { return .needsMore }
        guard bytes[12] >> 4 == 2 else { return .refused(.unknownVersion) }
        let isLocal = bytes[12] & 0x0F == 0
        guard isLocal || bytes[12] & 0x0F == 1 else { return .refused(.unknownCommand) }
        guard bytes.count > 13 else { return .needsMore }
        // Of its own connections a proxy needn't say anything that makes sense.
        guard let family = isLocal ? .unspecified : Family(bytes[13]) else { return .refused(.unknownFamily) }
        guard bytes.count >= fixedLength else { return .needsMore }
        let following = Int(bytes[14]) << 8 | Int(bytes[15])
        guard following >= family.addressBytes else { return .refused(.addressesTooShort) }
        let length = fixedLength + following
        guard length <= ProxyHeader.longest else { return .refused(.tooLong) }
        guard bytes.count >= length else { return .needsMore }
        // What follows on the addresses (TLVs) is for others.
        return .header(ProxyHeader(client: client(bytes, family), length: length))
    }

    private static func client(_ bytes: [UInt8], _ family: Family) -> IPAddress? {
        switch family {
        case .tcp4: IPAddress(networkOrder: Array(bytes[fixedLength..<fixedLength + 4]))
        case .tcp6: IPAddress(networkOrder: Array(bytes[fixedLength..<fixedLength + 16]))
        case .unspecified, .other: nil
        }
    }
}
