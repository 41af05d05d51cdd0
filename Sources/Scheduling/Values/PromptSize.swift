/// How much room a request takes in a server's context, as far as its body tells.
public struct PromptSize: Equatable, Sendable {
    /// In bytes, without images and sounds; 0: that isn't known, or too little to matter.
    public var text: Int
    /// The most tokens that it wants generated; 0: it doesn't say.
    public var generated: Int
    /// Whether there are images or sounds besides.
    public var hasMedia: Bool
    /// How many tokens it has, as a server said that has no room for it; 0: nobody has said so.
    package var tokens = 0

    /// In most languages that are written with letters.
    public static let usualTokensPerByte = 0.25

    /// Whether it is known at all.
    var isKnown: Bool { text > 0 || tokens > 0 }

    public init(text: Int = 0, generated: Int = 0, hasMedia: Bool = false) {
        self.text = max(0, text)
        self.generated = max(0, generated)
        self.hasMedia = hasMedia
    }

    /// Whether a slot of so many tokens has room for it. Few answers get as long as they may: half of the context is enough
    /// for each.
    func fits(_ context: Int, tokensPerByte: Double) -> Bool {
        let prompt = tokens > 0 ? Double(tokens) : Double(text) * tokensPerByte
        return prompt + Double(min(generated, context / 2)) <= Double(context)
    }
}
