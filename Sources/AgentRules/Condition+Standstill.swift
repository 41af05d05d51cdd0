import AgentProtocol

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Condition {
    /// - Parameter sinceEpoch: when the standstill began, since 1970: people read it on machines with other clocks.
    init(_ standstill: Standstill, sinceEpoch: Duration) {
        let since = Date(timeIntervalSince1970: sinceEpoch / .seconds(1)).formatted(.iso8601)
        self =
            switch standstill.work?.count {
            case nil: .stuck("no answer to GET /slots since \(since)")
            case 1: .stuck("no progress in its busy slot since \(since)")
            case let count?: .stuck("no progress in its \(count) busy slots since \(since)")
            }
    }
}
