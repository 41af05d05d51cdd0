import AccessControl
import ArgumentParser
import LogLines

struct KeyCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a new key, and the lines for the file of tenants.",
        discussion: """
            The key is shown now and kept nowhere; the lines go into the file that the balancer's --tenants-file names. \
            A tenant may have several keys: give it a new one, and take out the old one when nobody uses it any more.
            """
    )

    @Argument(help: ArgumentHelp("Whose key it is to be.", valueName: "name"))
    var name: String

    func validate() throws {
        guard let complaint = Tenant.complaint(aboutName: name) else { return }
        throw ValidationError("\"\(HarmlessText.line(name))\" can't be a tenant: \(complaint)")
    }

    func run() {
        var random = SystemRandomNumberGenerator()
        StandardOutput.write(Array(Self.text(NewKey(using: &random), of: name).utf8))
    }

    static func text(_ key: NewKey, of name: String) -> String {
        """
        The key, which is shown this once:

          \(key.text)

        For the file of tenants, which knows it by its SHA-256 alone:

        tenants:
          \(YAMLText.quoted(name)):
            keys:
              - "sha256:\(key.digest)"

        """
    }
}
