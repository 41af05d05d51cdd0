#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The file of a `--llama-swap-config`.
enum LlamaSwapFile {
    private static let mostBytes = 1 << 20

    /// - Throws: what is wrong, with the file's name in front.
    static func read(_ path: String, environment: [String: String]) throws(FlagValueError) -> LlamaSwapConfiguration {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)), bytes.count <= mostBytes,
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw FlagValueError("\(path): it can't be read, or isn't a text (see --llama-swap-config)")
        }
        do throws(FlagValueError) {
            return try LlamaSwapText.configuration(in: text, environment: environment)
        } catch {
            throw FlagValueError("\(path): \(error.description)")
        }
    }
}
