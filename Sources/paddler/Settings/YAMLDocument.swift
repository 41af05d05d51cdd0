import Yams

/// The YAML of a file that operators write.
enum YAMLDocument {
    /// - Returns: nil: it is empty.
    static func root(of text: String) throws(FlagValueError) -> Node? {
        try YAMLReferences.refuse(in: text)
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw FlagValueError(error.inWords)
        } catch {
            throw FlagValueError("this is not YAML")
        }
    }
}
