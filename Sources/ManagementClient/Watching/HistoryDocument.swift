/// `GET /api/v1/history`: the last minutes, a sample for each second.
package struct HistoryDocument: Equatable, Sendable {
    /// Oldest first, numbered without gaps.
    package var samples: [HistorySample]

    /// More is not kept, whatever is sent.
    package static let mostSamples = 900

    package init(samples: [HistorySample]) {
        self.samples = samples
    }
}

extension HistoryDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case lastNumber = "last_number"
        case columns
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let lastNumber = try values.decode(Int.self, forKey: .lastNumber)
        let table = try values.nestedContainer(keyedBy: HistorySample.CodingKeys.self, forKey: .columns)
        let columns = HistorySample.columns.map { key, path in (path, table.value(key, [Double?].self) ?? []) }
        let count = min(columns.map(\.1.count).max() ?? 0, Self.mostSamples)
        // Numbers may be anything here: whoever sends the largest one hurts nobody but itself.
        guard lastNumber >= count, lastNumber < Int.max else {
            throw DecodingError.dataCorruptedError(forKey: .lastNumber, in: values, debugDescription: "no number")
        }
        samples = (0..<count).map { HistorySample(number: lastNumber - count + 1 + $0) }
        for (path, column) in columns {
            // Columns of equal length end together.
            for (index, value) in zip(samples.indices.reversed(), column.reversed()) {
                samples[index][keyPath: path] = value.map { min(max($0, 0), 1e12) }
            }
        }
    }
}
