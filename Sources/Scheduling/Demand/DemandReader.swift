public import LlamaServer

/// Reads in a request's body what decides where it goes. It is the same for requests that are sent and for those of which is
/// only asked where they would go.
///
/// The body grows while it comes in: each call is given all that is there, and nothing is read twice.
public struct DemandReader: Sendable {
    private var scan = RequestBodyScan()
    /// How many bytes of the body were read.
    public private(set) var count = 0

    public init() {}

    /// - Parameter body: from its first byte to the last that is there.
    public mutating func read(_ body: borrowing Span<UInt8>) {
        guard count < body.count else { return }
        scan.read(body.extracting(count...))
        count = body.count
    }

    /// Whether a whole body asks for a stream of events.
    public mutating func asksForStream(_ body: borrowing Span<UInt8>) -> Bool {
        read(body)
        return scan.asksForStream
    }

    /// The model that a whole body names; nil: none.
    public mutating func model(_ body: borrowing Span<UInt8>) -> String? {
        guard !body.isEmpty else { return nil }
        read(body)
        if let model = scan.model { return model }
        // Audio files to be transcribed come in forms.
        return MultipartForm.value(of: "model", in: body)
    }

    /// Where a whole body that was read names its model; nil: it names none.
    public func modelPlace(_ body: borrowing Span<UInt8>) -> ModelPlace? {
        if let range = scan.modelPlace { return .json(range) }
        guard !body.isEmpty else { return nil }
        return MultipartForm.range(of: "model", in: body).map(ModelPlace.form)
    }

    /// What a whole body asks for.
    ///
    /// - Parameters:
    ///   - path: that it was posted to, without its query.
    ///   - model: that it names; nil: none.
    ///   - session: that its head names; nil: none.
    ///   - reading: what is read of its prompt.
    ///   - readsSizes: whether it matters how much room its prompt takes.
    public mutating func demand(
        _ body: borrowing Span<UInt8>,
        at path: borrowing Span<UInt8>,
        model: String?,
        session: SessionKey?,
        _ reading: PromptReading,
        readsSizes: Bool = false
    ) -> RequestDemand {
        var demand = RequestDemand(model: model)
        guard !body.isEmpty else { return demand }
        read(body)
        let kind = PromptKind(path: path)
        demand.work = kind?.work ?? .completions
        if let kind, scan.mayTakeSeveral(body) {
            let count = scan.slots(body, kind: kind)
            demand.slots = count.slots
            demand.answers = count.answers
        }
        switch reading {
        case .nothing:
            break
        case .prompts(let seed):
            demand.trail = trail(body, kind, seed: seed)
        case .sessions(let seed):
            if let key = session ?? scan.session(body, seed: seed) {
                demand.trail = PromptTrail(key, model: model, bodyBytes: body.count)
                demand.isOfSession = true
            } else {
                demand.trail = trail(body, kind, seed: seed)
            }
        }
        if readsSizes, let kind, body.count >= Self.shortestSized { demand.size = size(body, kind, demand.trail) }
        return demand
    }

    /// - Returns: nil for a prompt that doesn't matter.
    private func trail(_ body: borrowing Span<UInt8>, _ kind: PromptKind?, seed: UInt64) -> PromptTrail? {
        guard let kind, body.count >= PromptTrail.position(of: 0) else { return nil }
        return PromptTrail(body, scan, kind: kind, seed: seed)
    }

    /// In bytes: shorter ones fit any server.
    private static let shortestSized = 1024

    /// How much room a whole body takes in a context.
    ///
    /// - Parameter known: of its prompt, or session.
    private func size(_ body: borrowing Span<UInt8>, _ kind: PromptKind, _ known: PromptTrail?) -> PromptSize {
        guard let trail = known?.mediaBytes != nil ? known : trail(body, kind, seed: 0),
            let text = trail.textBytes(ofBody: body.count)
        else { return PromptSize() }
        return PromptSize(text: text, generated: scan.mostTokens(body), hasMedia: trail.mediaBytes ?? 0 > 0)
    }
}
