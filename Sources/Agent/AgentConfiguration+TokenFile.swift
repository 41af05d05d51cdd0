import AccessControl

extension AgentConfiguration {
    /// With the token of its file, if it has one, as it is now.
    func withTokenOfFile() throws(KeyFileFailure) -> AgentConfiguration {
        guard let managementTokenFile else { return self }
        var configuration = self
        configuration.managementToken = try KeyFile(path: managementTokenFile, flag: "--management-token-file")
            .firstKey()
        return configuration
    }
}
