/// How the file is called to which a model's llama-server prints.
enum ServerLogName {
    /// - Parameter model: a slash in its name, as in `org/model`, is a hyphen in that of the file.
    static func path(of model: String, in folder: String) -> String {
        let name = model.replacing("/", with: "-")
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return "\(folder)/\(name.hasPrefix(".") ? "-" : "")\(name).log"
    }
}
