/// All that can be set about models that this machine loads and unloads, beside the models themselves.
enum ModelSettings {
    static let all: [any AnySetting] = [folder, memory, llamaServer, loadTimeout, logFolder, stateFolder]

    static let folder = Setting<String?>(
        "models",
        "folder",
        "A folder of models: each GGUF file in it is loaded when requests ask for it, by the file's name without .gguf. In a file of settings, models: may list them instead, with all that belongs to each.",
        reading: SettingText.text
    )
    static let memory = Setting<ByteCountFlag?>(
        "memory",
        "size",
        "How much memory all models that are loaded may take together, such as 24GiB.",
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
        "Keep in this folder what models took when they were measured, and their servers' ports; it is made if it isn't there.",
        whenNone: "that is measured anew, and other ports are chosen, at each start",
        reading: SettingText.text
    )
    static let logFolder = Setting<String?>(
        "server-log",
        "folder",
        "Append what each llama-server prints to a file in this folder, which is called as its model; at 32 MiB a new one is begun and the old one kept as FILE.1.",
        reading: SettingText.text
    )
    static let loadTimeout = Setting(
        "load-timeout",
        "duration",
        "How long llama-server may be silent while it loads its model, until it is ended; it may load for as long as it likes while it prints.",
        default: DurationFlag(.seconds(300)),
        reading: SettingText.duration(atLeast: .seconds(1))
    )
}
