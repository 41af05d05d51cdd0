/// Whether a llama-server is withdrawn from its balancers, and why.
package enum Withdrawal: Equatable, Sendable {
    case none
    /// Its model is unloaded as soon as nothing runs on it any more; it may be back.
    case unloading
    /// The agent was told to stop.
    case stopping
    /// There is only goodbye to say.
    case goodbye

    /// A stop that has begun goes on.
    package mutating func unload() {
        if self == .none { self = .unloading }
    }

    /// It was unloaded, or is to be kept after all. A stop that has begun meanwhile goes on.
    package mutating func stay() {
        if self == .unloading { self = .none }
    }

    package mutating func stop() {
        switch self {
        case .none, .unloading: self = .stopping
        case .stopping, .goodbye: break
        }
    }

    package mutating func leave() {
        self = .goodbye
    }
}
