/// The members of a request's body of which its prompt is made, in the order in which chat templates render them.
enum PromptMember: Int, CaseIterable {
    case tools
    case functions
    case templateArguments
    case reasoningEffort
    case system
    case instructions
    case messages
    case input
    case inputExtra
    case inputPrefix
    case inputSuffix
    case prompt

    init?(named name: borrowing Span<UInt8>) {
        // By length first: at most three names are left to compare.
        let found: PromptMember? =
            switch name.count {
            case 5: name.equals("tools") ? .tools : name.equals("input") ? .input : nil
            case 6: name.equals("prompt") ? .prompt : name.equals("system") ? .system : nil
            case 8: name.equals("messages") ? .messages : nil
            case 9: name.equals("functions") ? .functions : nil
            case 11: name.equals("input_extra") ? .inputExtra : nil
            case 12:
                name.equals("instructions")
                    ? .instructions
                    : name.equals("input_prefix") ? .inputPrefix : name.equals("input_suffix") ? .inputSuffix : nil
            case 16: name.equals("reasoning_effort") ? .reasoningEffort : nil
            case 20: name.equals("chat_template_kwargs") ? .templateArguments : nil
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}

/// Where in a body the value of each member begins; of several with one name the last one counts, as with llama-server.
struct PromptMembers: Sendable {
    private var starts = SIMD16<Int32>(repeating: -1)

    /// - Parameter offset: in the body; beyond 2 GiB it is left out.
    mutating func note(_ member: PromptMember, at offset: Int) {
        starts[member.rawValue] = Int32(exactly: offset) ?? -1
    }

    func start(of member: PromptMember) -> Int? {
        let start = starts[member.rawValue]
        return start < 0 ? nil : Int(start)
    }
}
