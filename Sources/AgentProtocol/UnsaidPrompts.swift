package import LlamaServer

/// News of prompts that are still to be said over one connection, oldest first.
///
/// Of one that takes them too slowly the oldest aren't said: whoever doesn't hear of a prompt computes it again at worst.
package struct UnsaidPrompts: Sendable {
    private var news: [PromptNews] = []

    package static let most = 256

    package init() {}

    package mutating func add(_ one: PromptNews) {
        if news.count == Self.most { news.removeFirst() }
        news.append(one)
    }

    package mutating func next() -> PromptNews? {
        news.isEmpty ? nil : news.removeFirst()
    }

    package mutating func removeAll() {
        news.removeAll()
    }
}
