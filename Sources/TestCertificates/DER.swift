internal import Foundation

/// What certificates and keys are written in (X.690).
enum DER {
    static let p256 = identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])

    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { element(0x30, parts.flatMap(\.self)) }

    static func set(_ parts: [[UInt8]]) -> [UInt8] { element(0x31, parts.flatMap(\.self)) }

    /// - Parameter encoded: as X.690 8.19 has it.
    static func identifier(_ encoded: [UInt8]) -> [UInt8] { element(0x06, encoded) }

    /// - Parameter bytes: of a number that isn't negative, the highest first.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return element(0x02, digits.first.map { $0 < 0x80 } == true ? digits : [0] + digits)
    }

    static func yes() -> [UInt8] { element(0x01, [0xFF]) }

    static func text(_ text: String) -> [UInt8] { element(0x0C, Array(text.utf8)) }

    static func octets(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }

    /// - Parameter unused: how many of the last byte's bits don't count.
    static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { element(0x03, [unused] + bytes) }

    /// In whole seconds.
    static func time(_ date: Date) -> [UInt8] {
        let digits = date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
            .filter(\.isNumber)
        return element(0x17, Array((digits.suffix(12) + "Z").utf8))
    }

    static func context(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { element(0xA0 | number, content) }

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<0x80: [UInt8(count)]
            case ..<0x100: [0x81, UInt8(count)]
            default: [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            }
        return [tag] + length + content
    }
}
