import Foundation
import FramingCorpus

/// Prints the requests of the corpus as JSON, for `Scripts/compare-strictness`.
@main
struct FramingCorpusList {
    static func main() throws {
        let list = RequestList(
            follower: String(decoding: RequestCorpus.follower.utf8, as: UTF8.self),
            cases: RequestCorpus.families.flatMap(\.cases).map(ListedRequest.init)
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        FileHandle.standardOutput.write(try encoder.encode(list))
    }
}

private struct RequestList: Encodable {
    let follower: String
    let cases: [ListedRequest]
}

private struct ListedRequest: Encodable {
    let name: String
    let rule: String
    /// In Base64.
    let bytes: Data
    /// `refused`, `answered`, `passed` or `unfinished`.
    let expected: String
    let laxBecause: String?

    init(_ request: RequestCase) {
        name = request.name
        rule = request.rule
        bytes = Data(request.bytes)
        laxBecause = request.laxBecause
        expected =
            switch request.expectation {
            case .refused: "refused"
            case .answered: "answered"
            case .passed: "passed"
            case .unfinished: "unfinished"
            }
    }
}
