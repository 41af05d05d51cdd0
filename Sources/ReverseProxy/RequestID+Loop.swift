import Scheduling

extension RequestID {
    /// The top 16 bits say whose loop the request lives on.
    init(loopIndex: Int, number: UInt64) {
        self.init(rawValue: UInt64(loopIndex) << 48 | number)
    }

    var loopIndex: Int { Int(rawValue >> 48) }
}
