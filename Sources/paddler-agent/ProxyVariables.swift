#if os(Windows)
    import CRT
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What tells programs of a proxy.
enum ProxyVariables {
    /// Agents speak to llama-server and balancers themselves. libcurl, beneath URLSession, would go by way of the proxy that
    /// the environment names. Before anything else runs.
    static func ignore() {
        for name in ["no_proxy", "NO_PROXY"] {
            #if os(Windows)
                _ = _putenv_s(name, "*")
            #else
                setenv(name, "*", 1)
            #endif
        }
    }
}
