/// A look into the body of a request that is there as a whole.
public enum RequestBody {
    /// As ``RequestBodyScan/asksForStream``.
    public static func asksForStream(_ body: borrowing Span<UInt8>) -> Bool {
        var scan = RequestBodyScan()
        scan.read(body)
        return scan.asksForStream
    }

    /// As ``RequestBodyScan/model``.
    public static func model(_ body: borrowing Span<UInt8>) -> String? {
        var scan = RequestBodyScan()
        scan.read(body)
        return scan.model
    }
}
