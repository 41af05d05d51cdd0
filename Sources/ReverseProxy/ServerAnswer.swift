/// What one of several servers said that were asked the same.
struct ServerAnswer: Equatable {
    let status: Int
    let text: String

    /// What it was asked for; nil: an error.
    var good: String? { status == 200 ? text : nil }
}
