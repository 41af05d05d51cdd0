/// How a server's process came to its end, when nobody had asked for it.
package enum ServerEnd: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
    /// It couldn't be started: in words.
    case notStarted(String)
    /// It said nothing for so long while it loaded, and was ended.
    case silent(Duration)
}

extension ServerEnd: CustomStringConvertible {
    /// What happened to it, as the rest of a sentence about it.
    package var description: String {
        switch self {
        case .exited(let code): "ended with exit code \(code)"
        case .signaled(let signal): "was ended by signal \(signal)\(Self.name(of: signal))"
        case .notStarted(let reason): "couldn't be started: \(reason)"
        case .silent(let time): "was ended: it wasn't ready, and had been silent for \(time.components.seconds) s"
        }
    }

    /// Of those that people meet.
    private static func name(of signal: Int32) -> String {
        switch signal {
        case 4: " (illegal instruction)"
        case 6: " (abort)"
        case 8: " (arithmetic)"
        case 9: " (kill, which the system sends when memory runs out, too)"
        case 11: " (memory fault)"
        case 15: " (terminate)"
        default: ""
        }
    }
}
