/// Why what lies there is no authority. Its description goes on after the name of the file that it is about.
public enum LaboratoryAuthorityFailure: Error, Equatable, CustomStringConvertible {
    case noCertificate, noAuthority
    case noKey, foreignKey

    /// Whether it is about the file of the key.
    public var isOfKey: Bool {
        switch self {
        case .noCertificate, .noAuthority: false
        case .noKey, .foreignKey: true
        }
    }

    public var description: String {
        switch self {
        case .noCertificate: "there is no certificate in PEM form in it"
        case .noAuthority: "its certificate is no authority's"
        case .noKey: "there is no private key in PEM form in it"
        case .foreignKey: "the key is not the authority's"
        }
    }
}
