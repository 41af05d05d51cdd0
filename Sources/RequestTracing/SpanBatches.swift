import RequestRecords

/// Requests in parts that a collector takes at once.
struct SpanBatches {
    private let records: [RequestRecord]
    private let resource: TraceResource
    private var next = 0

    struct Batch: Equatable {
        let json: [UInt8]
        let spans: Int
    }

    /// In spans; a request's stay together. Some 300 kB.
    static let standardSize = 512
    private let size: Int

    init(_ records: [RequestRecord], of resource: TraceResource, size: Int = standardSize) {
        self.records = records
        self.resource = resource
        self.size = size
    }

    /// How many spans have yet to be taken.
    var left: Int { records[next...].reduce(0) { $0 + RequestSpans.count($1) } }

    /// nil: there are no more.
    mutating func take() -> Batch? {
        var document = SpanDocument(of: resource)
        while next < records.count, document.count < size {
            for span in RequestSpans(records[next])?.all ?? [] { document.add(span) }
            next += 1
        }
        let spans = document.count
        return spans == 0 ? nil : Batch(json: document.ended(), spans: spans)
    }
}
