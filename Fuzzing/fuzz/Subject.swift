import Foundation

/// What bytes are thrown at. A finding is a trap.
enum Subject: String, CaseIterable {
    case requests, responses, heads, bodies, agents, replies, tails, tenants, proxies, picks

    /// As the environment says: libFuzzer has the program's `main` and its arguments. See `Scripts/fuzz`.
    static let chosen: Subject = {
        let name = ProcessInfo.processInfo.environment["FUZZ_SUBJECT"] ?? ""
        guard let subject = Subject(rawValue: name) else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            FileHandle.standardError.write(Data("error: FUZZ_SUBJECT is \"\(name)\" and none of \(names)\n".utf8))
            exit(64)
        }
        return subject
    }()

    func run(_ input: [UInt8]) {
        switch self {
        case .requests: FramedRequests.run(input)
        case .responses: FramedResponses.run(input)
        case .heads: PassedHeads.run(input)
        case .bodies: RequestBodies.run(input)
        case .agents: AgentReports.run(input)
        case .replies: ServerReplies.run(input)
        case .tails: AnswerTails.run(input)
        case .tenants: TenantsFiles.run(input)
        case .proxies: ProxyHeaders.run(input)
        case .picks: PickMessages.run(input)
        }
    }
}

/// libFuzzer calls it with each input; its name is libFuzzer's.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Subject.chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Ends the process: a crash is how libFuzzer learns of a finding, and keeps its input. Only the fuzzers have this.
func finding(_ what: String) -> Never {
    fatalError("finding: \(what)")
}
