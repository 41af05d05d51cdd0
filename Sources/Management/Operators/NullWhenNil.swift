/// A field that is written as `null` when there is nothing: readers of Paddler 1.x's answers expect every key.
@propertyWrapper
struct NullWhenNil<Value: Codable & Equatable & Sendable>: Equatable, Sendable {
    var wrappedValue: Value?
}

extension NullWhenNil: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
