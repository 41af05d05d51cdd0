/// What one of several servers said that were asked the same.
struct ServerAnswer: Equatable {
    let status: Int
    let text: String
    /// `Process-Start-Time-Unix` of its `/metrics`: changes when it is restarted. Despite its name it is in microseconds since
    /// its machine was started.
    var processStart: UInt64?

    /// What it was asked for; nil: an error.
    var good: String? { status == 200 ? text : nil }
}
