import Yams

@testable import AccessControl

/// Files of tenants: what is understood means the same to another reader of YAML that understands it, and what isn't is said of one
/// of its lines.
enum TenantsFiles {
    static func run(_ input: [UInt8]) {
        var numbers = TenantNumbers()
        do throws(YAMLMistake) {
            compare(try TenantsFileText(input, &numbers), String(decoding: input, as: UTF8.self))
        } catch {
            let ends = input.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            if !(1...ends + 1).contains(error.line) { finding("a mistake in line \(error.line) of \(ends + 1)") }
        }
    }

    private static func compare(_ file: TenantsFileText, _ text: String) {
        do {
            let theirs = try Yams.compose(yaml: text)?.mapping
            let tenants = theirs?["tenants"]?.mapping
            // The file may say something of those who have keys that aren't in it.
            let count = (tenants?.count ?? 0) - (tenants?["default"] == nil ? 0 : 1)
            let known = file.directory.count - (tenants?["default"] == nil ? 0 : 1)
            if count != known { finding("\(known) tenants, and \(count) to Yams") }
            let classes = theirs?["classes"]?.sequence?.compactMap(\.string)
            if let classes, classes != file.directory.classes.names { finding("other classes: \(classes)") }
        } catch {
            // What libyaml refuses and YAML 1.2 doesn't, such as tabs in lines without anything else, means nothing else to it.
        }
    }
}
