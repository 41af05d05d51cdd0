import Yams

extension Node {
    /// Where it stands, to be put in front of what is wrong with it.
    var place: String { mark.map { "line \($0.line): " } ?? "" }

    /// `key:` alone says nothing, as `key: ~` does.
    var isNothing: Bool { null != nil }
}
