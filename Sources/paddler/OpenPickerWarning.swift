import Balancer
import LlamaServer
import Logging

/// Said at the start of a balancer whose endpoint picker others than this machine reach without a certificate.
struct OpenPickerWarning {
    private let address: NetworkAddress

    /// - Returns: nil when there is nothing to warn of.
    init?(_ configuration: BalancerConfiguration) {
        guard let picker = configuration.picker, configuration.pickerClientAuthorities == nil, !picker.isLoopback else {
            return nil
        }
        address = picker
    }

    func log(to logger: Logger) {
        logger.warning(
            """
            anyone who reaches the endpoint picker's address can say whose requests come, hold slots, and learn servers' addresses \
            and keys: set --picker-client-ca, or keep the address on a private network
            """,
            metadata: ["address": "\(address)"]
        )
    }
}
