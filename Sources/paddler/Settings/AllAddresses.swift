#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The host by which a listener is reached at each of the machine's addresses.
enum AllAddresses {
    /// With IPv6 switched off there are no addresses of that kind to listen on.
    static let host: String = {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET6, CInt(SOCK_STREAM), 0)
        #endif
        guard descriptor >= 0 else { return "0.0.0.0" }
        close(descriptor)
        return "::"
    }()
}
