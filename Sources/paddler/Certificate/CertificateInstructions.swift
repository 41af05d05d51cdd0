/// What is printed when a certificate was made: where it is, and the commands that come next.
struct CertificateInstructions {
    /// The first of those that the balancer is called.
    let name: String
    let certificate: String
    let key: String
    let authority: String
    let authorityKey: String
    let isAuthorityNew: Bool
    /// For how many days it is valid.
    let days: Int
    /// Whether it is for an agent or an operator, and not for the balancer.
    let isForClient: Bool

    var text: String { isForClient ? clientText : serverText }

    private var clientText: String {
        let shown = [certificate, key].map(Self.quoted)
        let trusted = Self.quoted(authority)
        return """
            \(certificate)
              a certificate for the agent \(name), or an operator, valid for \(days) days; its key: \(key)
            \(authority)
              the authority\(isAuthorityNew ? "" : ", as it was"), whose certificates the balancer is to take; keep its key to \
            yourself: \(authorityKey)

            Have the balancer, which needs a certificate of its own (paddler certificate HOST), ask for one:

              paddler balancer --management-tls-cert ... --management-tls-key ... --management-client-ca \(trusted)

            and the agent, or the operator's commands, show it:

              paddler agent --name \(Self.quoted(name)) --management-addr HOST:8085 --management-scheme https \\
                --ca-file \(trusted) --management-cert \(shown[0]) --management-key \(shown[1])
              paddler dashboard --management-addr HOST:8085 --management-scheme https \\
                --ca-file \(trusted) --management-cert \(shown[0]) --management-key \(shown[1])

            With --agent-names certificate the balancer takes agents by such names alone.

            """
    }

    private var serverText: String {
        let host = name.contains(":") ? "[\(name)]" : name.replacing("*", with: "any")
        let pair = [certificate, key].map(Self.quoted)
        let trusted = Self.quoted(authority)
        return """
            \(certificate)
              the balancer's certificate, valid for \(days) days; its key: \(key)
            \(authority)
              the authority\(isAuthorityNew ? "" : ", as it was"), for clients, agents and operators to trust; keep its \
            key to yourself: \(authorityKey)

            Start the balancer with it (both listeners, or one of them):

              paddler balancer \\
                --reverseproxy-tls-cert \(pair[0]) --reverseproxy-tls-key \(pair[1]) \\
                --management-tls-cert \(pair[0]) --management-tls-key \(pair[1])

            Then, with the file of the authority:

              curl --cacert \(trusted) https://\(host):8086/health
              SSL_CERT_FILE=\(trusted) python3 ...   # the openai client, base_url="https://\(host):8086/v1"
              paddler agent --management-addr \(host):8085 --management-scheme https --ca-file \(trusted)
              paddler dashboard --management-addr \(host):8085 --management-scheme https --ca-file \(trusted)

            """
    }

    /// As a shell takes it for one word.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-+@%:,".utf8.contains(byte)
            }
        }
        return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
    }
}
