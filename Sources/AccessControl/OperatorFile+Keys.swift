// A file of keys: one a line; empty lines and those that begin with `#` are passed over, and so is white space around.

extension OperatorFile {
    /// For whoever shows a key instead of asking for one.
    ///
    /// - Throws: ``FileFailure``, also when there is no key in it, or one that no header can carry.
    public func firstKey() throws(FileFailure) -> String {
        try firstKey(in: contents())
    }

    func firstKey(in contents: [UInt8]) throws(FileFailure) -> String {
        guard let key = KeyFileLine.keys(in: contents).first else {
            throw FileFailure(file: self, reason: "there is no key in it")
        }
        // RFC 9110 5.5, without the spaces.
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw FileFailure(file: self, reason: "its first key has characters other than visible ASCII")
        }
        return String(decoding: key, as: UTF8.self)
    }
}
