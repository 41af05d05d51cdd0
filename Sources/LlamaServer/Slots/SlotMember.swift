/// The members of a request's body that tell how many slots it takes, besides those of the prompt.
enum SlotMember: Int {
    /// Answers to one prompt.
    case answers
    /// The same by llama-server's own name, which counts if both are there.
    case answersByOwnName
    case content
    case documents
    case texts

    init?(named name: borrowing Span<UInt8>) {
        let found: SlotMember? =
            switch name.count {
            case 1: name.equals("n") ? .answers : nil
            case 5: name.equals("texts") ? .texts : nil
            case 6: name.equals("n_cmpl") ? .answersByOwnName : nil
            case 7: name.equals("content") ? .content : nil
            case 9: name.equals("documents") ? .documents : nil
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}

/// Where in a body the value of each begins; of several with one name the last one counts, as with llama-server.
struct SlotMembers: Sendable {
    private var starts = SIMD8<Int32>(repeating: -1)
    private(set) var isEmpty = true

    /// - Parameter offset: in the body; beyond 2 GiB it is left out.
    mutating func note(_ member: SlotMember, at offset: Int) {
        starts[member.rawValue] = Int32(exactly: offset) ?? -1
        isEmpty = false
    }

    func start(of member: SlotMember) -> Int? {
        let start = starts[member.rawValue]
        return start < 0 ? nil : Int(start)
    }
}
