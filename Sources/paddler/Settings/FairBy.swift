/// Among whom slots are shared.
enum FairBy: String, CaseIterable, Sendable {
    case nobody
    case address
}
