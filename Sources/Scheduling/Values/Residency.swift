/// Where a model stands that is loaded on demand.
public struct Residency: Equatable, Sendable {
    public package(set) var terms: OnDemand
    /// For how long it has been loaded; nil: it isn't.
    public package(set) var loadedFor: Duration?
    /// What its agent was asked for and hasn't done yet.
    public package(set) var wish: ModelWish?
    /// Why it couldn't be loaded last; nil: it could.
    public package(set) var failure: String?
}
