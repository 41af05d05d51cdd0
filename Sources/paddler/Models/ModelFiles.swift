#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// GGUF files, and what they are called as models.
enum ModelFiles {
    /// `dir/qwen-00001-of-00003.gguf` is `qwen`.
    static func name(of path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        if name.lowercased().hasSuffix(".gguf") { name.removeLast(5) }
        if let part = part(of: name) { name = String(part.whole) }
        return name
    }

    /// What is loaded on demand, named by its file.
    static func entry(_ path: String, isPreloaded: Bool = false) -> ModelEntry {
        ModelEntry(name: name(of: path), run: .file(path, arguments: []), isPreloaded: isPreloaded)
    }

    /// The models in a folder, by name: of one that lies in several files the first, and no projectors of images (`mmproj`), which are
    /// no models.
    static func models(in folder: String) throws(FlagValueError) -> [ModelEntry] {
        guard let found = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw FlagValueError("\(folder): it isn't a folder that can be read")
        }
        let files = found.sorted().filter { file in
            guard file.lowercased().hasSuffix(".gguf"), !file.lowercased().contains("mmproj") else { return false }
            return part(of: String(file.dropLast(5)))?.number ?? 1 == 1
        }
        guard !files.isEmpty else { throw FlagValueError("\(folder): there is no GGUF file in it") }
        return files.map { entry("\(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)/\($0)") }
    }

    /// Bytes of a model's file, with its further parts; nil: it isn't there.
    static func size(of path: String) -> Int? {
        guard let first = fileSize(path) else { return nil }
        let stem = path.hasSuffix(".gguf") ? String(path.dropLast(5)) : path
        guard let part = part(of: stem), part.number == 1, part.count > 1 else { return first }
        return (2...part.count).reduce(first) { sum, number in
            let digits = String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
            let count = String(repeating: "0", count: max(0, 5 - "\(part.count)".count)) + "\(part.count)"
            return sum + (fileSize("\(part.whole)-\(digits)-of-\(count).gguf") ?? 0)
        }
    }

    /// Of what a link leads to.
    private static func fileSize(_ path: String) -> Int? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    /// `qwen-00001-of-00003`.
    private static func part(of stem: String) -> (whole: Substring, number: Int, count: Int)? {
        guard let match = stem.wholeMatch(of: /(.+)-(\d{5})-of-(\d{5})/), let number = Int(match.2),
            let count = Int(match.3)
        else { return nil }
        return (match.1, number, min(count, 10_000))
    }
}
