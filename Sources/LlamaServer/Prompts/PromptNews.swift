/// What a request makes of the caches of the llama-server that it was sent to.
public enum PromptNews: Hashable, Sendable {
    /// It is on its way: what it finds there is used up, and of no use to others.
    case begins(PromptTrail)
    /// It has ended, and the prompt with this ``PromptTrail/name`` lies there.
    ///
    /// - Parameters:
    ///   - generated: behind the prompt, in bytes, as far as is known.
    ///   - wasMissed: so much less of it was found than was expected that the server has less room than was thought.
    case ends(name: UInt64, generated: Int, wasMissed: Bool)
    /// It has ended, or went elsewhere, and nobody can say what is left of the prompt with this ``PromptTrail/name``.
    case isGone(name: UInt64)
}
