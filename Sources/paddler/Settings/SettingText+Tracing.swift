import RequestTracing

extension SettingText {
    static func collector(_ text: String) throws(FlagValueError) -> CollectorEndpoint {
        guard let endpoint = CollectorEndpoint(text) else {
            throw FlagValueError(
                "\"\(text)\" is not the URL of a collector; write for example http://127.0.0.1:4318, without a user or a query"
            )
        }
        return endpoint
    }

    static func fraction(_ text: String) throws(FlagValueError) -> Double {
        guard let fraction = Double(text), 0...1 ~= fraction else {
            throw FlagValueError("\"\(text)\" is not a number from 0 to 1, such as 0.1 for one in ten")
        }
        return fraction
    }

    /// As people write it.
    static func shown(_ fraction: Double) -> String {
        fraction == fraction.rounded() ? "\(Int(fraction))" : "\(fraction)"
    }

    /// Complaints don't show the value, which may be a secret.
    static func collectorHeader(_ text: String) throws(FlagValueError) -> CollectorHeader {
        guard let colon = text.firstIndex(of: ":") else {
            throw FlagValueError("has no colon; write for example Authorization: Bearer and a key")
        }
        let name = try fieldName(String(text[..<colon]))
        guard !CollectorHeader.reserved.contains(name.lowercased()) else {
            throw FlagValueError("\(name) is set by the balancer itself")
        }
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        return CollectorHeader(name: name, value: try secret(String(value)))
    }
}
