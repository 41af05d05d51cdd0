/// Whether datagrams seem to get to the server, as far as UDP lets one know: one line in the log when that changes.
struct StatsDReachability: Equatable {
    enum Change: Equatable {
        case lost(reason: String)
        case found
    }

    private var isLost = false

    /// - Parameter failure: what went wrong since the report before; nil: nothing that anybody said.
    /// - Returns: what is worth a line.
    mutating func reported(failure: String?) -> Change? {
        switch (isLost, failure) {
        case (false, let failure?):
            isLost = true
            return .lost(reason: failure)
        case (true, nil):
            isLost = false
            return .found
        case (true, _), (false, nil):
            return nil
        }
    }
}
