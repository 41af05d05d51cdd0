/// Bytes as people speak of memory: `5.2 GB`, `310 MB`.
package enum MemoryText {
    package static func of(_ bytes: Int) -> String {
        bytes >= gigabyte ? "\(gigabytes(bytes)) GB" : "\((bytes + megabyte - 1) / megabyte) MB"
    }

    /// A part of it: `3.1 of 24 GB`.
    package static func of(_ part: Int, outOf all: Int) -> String {
        all >= gigabyte && (part >= gigabyte || part == 0)
            ? "\(gigabytes(part)) of \(of(all))" : "\(of(part)) of \(of(all))"
    }

    private static let megabyte = 1_000_000
    private static let gigabyte = 1_000_000_000

    private static func gigabytes(_ bytes: Int) -> String {
        // Of any number, the largest included.
        let (whole, rest) = bytes.quotientAndRemainder(dividingBy: gigabyte / 10)
        let tenths = rest < gigabyte / 20 ? whole : whole + 1
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
