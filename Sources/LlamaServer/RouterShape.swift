/// What llama-server's router says of itself and its models, which servers of one model don't. Its web UI asks which model is
/// wanted, and names it in each request, only where it reads this.
public enum RouterShape {
    /// Where all models are loaded on demand, and none is loaded.
    public static let propertiesOfNobody =
        #"{"role":"router","model_alias":"paddler","model_path":"none","default_generation_settings":{"params":{},"n_ctx":0}}"#

    /// - Parameter text: the answer of a server to `GET /props`.
    public static func properties(_ text: [UInt8]) -> [UInt8] {
        adding(#""role":"router""#, to: text, unlessThereIs: "role")
    }

    /// - Parameter entry: of a list of models.
    static func loaded(_ entry: [UInt8]) -> [UInt8] {
        adding(#""status":{"value":"loaded"}"#, to: entry, unlessThereIs: "status")
    }

    /// All else stays as it was written. What isn't an object is left alone.
    private static func adding(_ member: String, to object: [UInt8], unlessThereIs name: StaticString) -> [UInt8] {
        guard let start = object.firstIndex(where: { !$0.isJSONSpace }), object[start] == UInt8(ascii: "{"),
            let next = object[(start + 1)...].first(where: { !$0.isJSONSpace }),
            !JSONMember.contains(name, in: object.span)
        else { return object }
        let separator = next == UInt8(ascii: "}") ? "" : ","
        return object[...start] + Array((member + separator).utf8) + object[(start + 1)...]
    }
}
