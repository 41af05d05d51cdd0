/// Why a message that could be read is not believed.
public enum ReportError: Error, Hashable {
    case unknownVersion(Int)
    case outOfRange(String, String)
    case moreBusyThanThereAre(processing: Int, total: Int)
    case timesOutOfOrder
    case textTooLong(String, limit: Int)
}

extension ReportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownVersion(let version):
            "protocol_version \(version) is not spoken here, only \(AgentConnection.protocolVersions.lowerBound) to "
                + "\(AgentConnection.protocolVersions.upperBound): "
                + "run the same version of paddler on both sides"
        case .outOfRange(let field, let value):
            "\(field) makes no sense: \(value)"
        case .moreBusyThanThereAre(let processing, let total):
            "\(processing) slots are processing out of \(total)"
        case .timesOutOfOrder:
            "the poll ends before it begins, or after its report was sent"
        case .textTooLong(let field, let limit):
            "\(field) is longer than \(limit) bytes"
        }
    }
}
