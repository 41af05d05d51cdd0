/// The field by which messages are told apart.
struct MessageType: Codable {
    let type: String
}

/// A message of a kind that this version doesn't know: to be skipped.
struct UnknownMessage: Error {
    let type: String
}
