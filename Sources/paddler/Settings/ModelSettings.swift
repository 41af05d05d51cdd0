/// All that can be set about models that this machine loads and unloads, beside the models themselves.
enum ModelSettings {
    static let all: [any AnySetting] = [folder, memory, llamaServer, loadTimeout, logFolder, stateFolder]

    static let folder = Setting<String?>(
        "models",
        "folder",
        "A folder of models: each GGUF file in it is loaded on demand, under its file name without .gguf. In a settings file, models: may list them instead, with their settings.",
        reading: SettingText.text
    )
    static let memory = Setting<ByteCountFlag?>(
        "memory",
        "size",
        "How much memory all loaded models may take together, such as 24GiB.",
        whenNone: "this machine's",
        reading: SettingText.size(1...Int.max)
    )
    static let llamaServer = Setting<String?>(
        "llama-server",
        "file",
        "The llama-server to run.",
        whenNone: "the one on the PATH",
        reading: SettingText.text
    )
    /// An agent's; a balancer keeps more there.
    static let stateFolder = Setting<String?>(
        "state-dir",
        "folder",
        "Keep in this folder the measured memory of models, and their servers' ports; created if it doesn't exist.",
        whenNone: "both are determined anew at each start",
        reading: SettingText.text
    )
    static let logFolder = Setting<String?>(
        "server-log",
        "folder",
        "Append the output of each llama-server to a file in this folder, named after its model; at 32 MiB a new file is started and the old one kept as FILE.1.",
        reading: SettingText.text
    )
    static let loadTimeout = Setting(
        "load-timeout",
        "duration",
        "How long llama-server may be silent while it loads its model before it is stopped; loading may take any time while it prints.",
        default: DurationFlag(.seconds(300)),
        reading: SettingText.duration(atLeast: .seconds(1))
    )
}
