import AgentProtocol
import PrintableText

extension LogAnswer {
    /// With what may be shown of its lines.
    var printable: Self {
        var shown = self
        shown.lines = lines.map { $0.printable() }
        return shown
    }
}
