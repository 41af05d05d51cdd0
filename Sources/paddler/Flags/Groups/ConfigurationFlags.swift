import ArgumentParser

/// Where else settings come from.
struct ConfigurationFlags: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            """
            A YAML file of settings; its keys are the flags' names without dashes. An environment variable like \
            PADDLER_THREADS, for --threads, takes precedence over the file, and a flag over both.
            """,
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    @Flag(
        name: .customLong("print-config"),
        help: "Print every setting with its value and source, and exit."
    )
    var prints = false
}
