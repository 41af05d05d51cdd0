/// The `Server-Timing` of an answer (W3C Server Timing 3): what its client can't measure itself, in milliseconds.
public enum ServerTiming {
    /// - Parameters:
    ///   - waited: for a slot, in nanoseconds.
    ///   - prefill: what computing the prompt took, in milliseconds; nil: it isn't known when the head is sent.
    public static func line(waited: Int64, prefill: Int?) -> [UInt8] {
        var line = Array("Server-Timing: queue;dur=".utf8)
        let microseconds = UInt64(max(0, waited)) / 1000
        line.writeDecimal(microseconds / 1000)
        line.append(UInt8(ascii: "."))
        line.writeDecimal(microseconds % 1000, digits: 3)
        if let prefill { line += ", prefill;dur=\(prefill)".utf8 }
        line += "\r\n".utf8
        return line
    }
}
