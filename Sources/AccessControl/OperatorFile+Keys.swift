import KeyFileText

// A file of keys: one a line; empty lines and those that begin with `#` are passed over, and so is white space around.

extension OperatorFile {
    /// For whoever shows a key instead of asking for one.
    ///
    /// - Throws: ``FileFailure``, also when there is no key in it, or one that no header can carry.
    public func firstKey() throws(FileFailure) -> String {
        try firstKey(in: contents())
    }

    func firstKey(in contents: [UInt8]) throws(FileFailure) -> String {
        do throws(KeyFileLine.NoKey) {
            return try KeyFileLine.firstKey(in: contents)
        } catch {
            throw FileFailure(file: self, reason: "\(error)")
        }
    }
}
