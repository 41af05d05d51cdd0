/// Which name somebody meant who mistyped it.
enum NearestName {
    /// - Parameter mistakes: how many bytes may differ; nil: the more, the longer the name is.
    /// - Returns: nil when none is near enough to be meant.
    static func of(_ name: String, among names: [String], within mistakes: Int? = nil) -> String? {
        let typed = Array(name.utf8)
        let nearest =
            names
            .map { (name: $0, distance: distance(typed, Array($0.utf8))) }
            .min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= mistakes ?? max(2, typed.count / 3) else { return nil }
        return nearest.name
    }

    /// Levenshtein's: how many bytes have to be put in, taken out or exchanged.
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, byte) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let exchanged = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(exchanged, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
