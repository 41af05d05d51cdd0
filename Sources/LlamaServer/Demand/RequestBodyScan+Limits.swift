extension RequestBodyScan {
    /// How many tokens a request wants generated at most, under whatever name its endpoint has for that; 0: it doesn't say.
    ///
    /// - Parameter body: a whole one that was scanned.
    public func mostTokens(_ body: borrowing Span<UInt8>) -> Int {
        let members: [DemandMember] = [
            .mostTokensOfChat, .mostTokens, .mostTokensOfAnswer, .mostTokensByOwnName,
        ]
        for member in members {
            if let start = demandMembers.start(of: member) { return body.number(at: start, most: 1 << 24) }
        }
        return 0
    }
}
