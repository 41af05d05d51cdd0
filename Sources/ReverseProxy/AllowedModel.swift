/// What a request is about that names no model and takes no slot, of a tenant that may not use all models.
enum AllowedModel: Equatable {
    /// This one, or what this alias stands for.
    case named(String)
    /// No server says what it serves.
    case unknown
    /// No server serves any that its tenant may use.
    case none
}
