/// What the slots that work have done so far: to be compared with what a later look shows.
public enum SlotsProgress: Hashable, Sendable {
    /// No slot works.
    case idle
    /// At least one slot works and doesn't say how far it is.
    case unknown
    /// Of all slots that work.
    case known([Work])

    public struct Work: Hashable, Sendable {
        public let slot: Int?
        public let task: Int?
        /// Tokens of the prompt that have been given to the model; it moves with each batch.
        public let promptTokens: Int
        /// Tokens that were made; 0 until the prompt is done.
        public let tokensMade: Int

        public init(slot: Int?, task: Int?, promptTokens: Int, tokensMade: Int) {
            self.slot = slot
            self.task = task
            self.promptTokens = promptTokens
            self.tokensMade = tokensMade
        }
    }
}
