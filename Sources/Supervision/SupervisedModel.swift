package import SupervisionRules

/// A model that is loaded and unloaded, and the server that runs it.
package struct SupervisedModel: Sendable {
    /// What it is called in logs.
    package var name: String
    package var launch: ServerLaunch
    package var rules: ModelRules
    /// A file to which its output is appended; nil: none.
    package var logFile: String?

    package init(name: String, launch: ServerLaunch, rules: ModelRules, logFile: String? = nil) {
        self.name = name
        self.launch = launch
        self.rules = rules
        self.logFile = logFile
    }
}

/// A model at one moment.
package struct ModelSnapshot: Sendable {
    package let model: ModelHost.Model
    /// Grows whenever its server is started, and when it is gone.
    package let generation: Int
    /// The last wish that wasn't followed, and how many there were.
    package let refusal: (number: Int, reason: String)?
    /// Why its server doesn't run although it is to.
    package let absence: ServerAbsence?
    /// Whether its server has been started, and hasn't answered yet.
    package let isArriving: Bool
    /// Whether its server isn't ready, and is to be soon.
    package let isAwaited: Bool
}
