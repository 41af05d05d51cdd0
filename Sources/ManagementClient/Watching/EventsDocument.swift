/// `GET /api/v1/events`: what became of the fleet lately.
package struct EventsDocument: Equatable, Sendable {
    /// The newest first.
    package var events: [Event]

    /// More is not kept, whatever is sent.
    package static let mostEvents = 1000

    package init(events: [Event]) {
        self.events = events
    }

    package struct Event: Equatable, Sendable {
        /// Seconds since 1970 by the balancer's clock; nil: it doesn't say.
        package var time: Double?
        /// `joined`, `lost` and so on.
        package var kind: String
        /// A sentence.
        package var text: String

        package init(time: Double?, kind: String, text: String) {
            self.time = time
            self.kind = kind
            self.text = text
        }
    }
}

extension EventsDocument: Decodable {
    enum CodingKeys: CodingKey {
        case events
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        events = Array(try values.decode([Event].self, forKey: .events).prefix(Self.mostEvents))
    }
}

extension EventsDocument.Event: Decodable {
    enum CodingKeys: CodingKey {
        case time, kind, text
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            time: values.time(.time),
            kind: values.value(.kind) ?? "",
            text: try values.decode(String.self, forKey: .text)
        )
    }
}
