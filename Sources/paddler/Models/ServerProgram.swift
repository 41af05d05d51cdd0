#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which llama-server is run.
enum ServerProgram {
    /// - Parameters:
    ///   - named: by `--llama-server`; nil: the one on the PATH.
    ///   - searched: the PATH.
    static func find(named: String?, on searched: String?) throws(ServeFailure) -> String {
        guard let named else {
            let folders = searched?.split(separator: ":") ?? []
            guard let found = folders.map({ "\($0)/llama-server" }).first(where: isProgram) else { throw .noServer }
            return found
        }
        guard FileManager.default.fileExists(atPath: named) else { throw .serverIsMissing(named) }
        guard isProgram(named) else { throw .serverIsNoProgram(named) }
        return named
    }

    /// - Parameters:
    ///   - command: the first word of a command line: a path, or a name.
    ///   - searched: the PATH.
    /// - Returns: nil: there is no such program.
    static func find(command: String, on searched: String?) -> String? {
        guard !command.contains("/") else { return isProgram(command) ? command : nil }
        return searched?.split(separator: ":").map { "\($0)/\(command)" }.first(where: isProgram)
    }

    static func check(model: String) throws(ServeFailure) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) else {
            throw .modelIsMissing(model)
        }
        guard !isFolder else { throw .modelIsFolder(model) }
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
