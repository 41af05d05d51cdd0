/// A connection on which an Envoy asks a balancer.
final class EnvoyConnection {
    let envoy: Int
    /// The balancer's event loop that has it.
    let loop: Int
    /// Nothing that is said on it arrives any more.
    var isCut = false
    /// Each side learns of that in its own time.
    var isGoneForBalancer = false
    var isGoneForEnvoy = false

    init(of envoy: Int, on loop: Int) {
        self.envoy = envoy
        self.loop = loop
    }
}
