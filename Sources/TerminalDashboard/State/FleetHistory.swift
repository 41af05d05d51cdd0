import ManagementClient

/// The last seconds of the fleet, oldest first, numbered without gaps.
struct FleetHistory: Equatable, Sendable {
    private(set) var samples: [HistorySample] = []
    private var mayBeReloaded = true
    private var isLoading = false

    /// What came with a snapshot.
    ///
    /// - Returns: whether the history has to be loaded, since this doesn't follow on what is here.
    mutating func add(_ sample: HistorySample) -> Bool {
        guard let last = samples.last else {
            samples = [sample]
            return wantLoading()
        }
        if sample.number == last.number { return false }
        guard sample.number > last.number, sample.number - last.number == 1 else {
            // The old ones stay to be looked at until the new ones are here, unless they belong to a former balancer.
            if sample.number < last.number || !mayBeReloaded { samples = [sample] }
            return wantLoading()
        }
        samples.append(sample)
        if samples.count > HistoryDocument.mostSamples { samples.removeFirst() }
        return false
    }

    /// - Parameter document: nil: there is none.
    mutating func load(_ document: HistoryDocument?) {
        isLoading = false
        guard let document else {
            mayBeReloaded = false
            return
        }
        samples = document.samples
    }

    /// Another connection, perhaps to another balancer.
    mutating func reconnected() {
        isLoading = false
        mayBeReloaded = true
    }

    /// Of a column, over the newest seconds; nil: not known.
    func mean(_ column: (HistorySample) -> Double?, seconds: Int) -> Double? {
        let values = samples.suffix(seconds).compactMap(column)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    private mutating func wantLoading() -> Bool {
        guard mayBeReloaded, !isLoading else { return false }
        isLoading = true
        return true
    }
}
