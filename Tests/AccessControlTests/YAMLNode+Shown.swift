@testable import AccessControl

extension YAMLNode {
    /// As JSON, nearly.
    var shown: String {
        switch content {
        case .nothing: "~"
        case .scalar(let scalar): scalar.string.debugDescription
        case .sequence(let items): "[" + items.map(\.shown).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { $0.key.string.debugDescription + ":" + $0.value.shown }.joined(separator: ",") + "}"
        }
    }
}
