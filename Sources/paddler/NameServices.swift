#if canImport(Glibc)
    import CNSS
#endif

/// What glibc asks for the names of hosts and users.
enum NameServices {
    /// Files and DNS alone, for as long as this process lives; to be called before the first name is looked up.
    ///
    /// Whatever else /etc/nsswitch.conf names is a library of this machine's, and brings the machine's glibc into a program that
    /// has its own: another version ends the process.
    static func useFilesAndDNSAlone() {
        #if canImport(Glibc)
            _ = __nss_configure_lookup("hosts", "files dns")
            for database in ["passwd", "group", "services"] { _ = __nss_configure_lookup(database, "files") }
        #endif
    }
}
