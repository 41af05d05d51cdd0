/// The clients' connections of one event loop, in an order that lets them be gone through a part at a time.
struct ConnectedClients {
    private(set) var values: [ClientConnection] = []

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }

    mutating func add(_ connection: ClientConnection) {
        connection.place = values.count
        values.append(connection)
    }

    /// The last one takes its place: a walk from the end to the start passes none over, whoever leaves meanwhile.
    ///
    /// - Returns: false if it isn't among them.
    mutating func remove(_ connection: ClientConnection) -> Bool {
        let place = connection.place
        guard place < values.count, values[place] === connection else { return false }
        let last = values.removeLast()
        guard last !== connection else { return true }
        values[place] = last
        last.place = place
        return true
    }
}
