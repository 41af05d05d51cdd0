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
