import Foundation
import Testing

@testable import ManagementClient

struct LoadProgressTests {
    private func progress(
        _ condition: String,
        wish: String? = nil,
        refusal: String? = nil,
        isLeaving: Bool = false,
        hasBegun: Bool = false
    ) throws -> LoadProgress {
        func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
        let json = """
            {"agent_id":"1","agent_name":"a","external_llamacpp_addr":"a:1","slots_leased":0,"draining":false,\
            "condition":"\(condition)","leaving":\(isLeaving),"models":["m"],"state":"unknown",\
            "on_demand":{"host":"h","memory_bytes":1,"pinned":false,"wish":\(text(wish)),"refusal":\(text(refusal))}}
            """
        let server = try JSONDecoder().decode(ModelServer.self, from: Data(json.utf8))
        return LoadProgress.of("a:1", hasBegun: hasBegun, in: [server])
    }

    @Test("a model is loaded when its server answers, whether or not it is given requests")
    func done() throws {
        #expect(try progress("ready", hasBegun: true) == .done)
        #expect(try progress("ready") == .done)
    }

    @Test("it is under way while its agent hasn't answered, while it loads, and while the former one goes")
    func underWay() throws {
        #expect(try progress("unloaded", wish: "load") == .underWay)
        #expect(try progress("loading") == .underWay)
        #expect(try progress("restarting", hasBegun: true) == .underWay)
        #expect(try progress("ready", isLeaving: true) == .underWay)
    }

    @Test("nobody waits for what was refused or has failed, or for a server that can't be used")
    func failed() throws {
        #expect(try progress("unloaded", refusal: "no room") == .failed("no room"))
        #expect(try progress("unloaded", hasBegun: true) == .failed("its agent has given it up"))
        #expect(try progress("failing", refusal: "it ended") == .failed("it ended"))
        #expect(try progress("unauthorized", hasBegun: true) == .failed("its server is unauthorized"))
        #expect(LoadProgress.of("b:1", hasBegun: true, in: []) == .failed("it is gone"))
    }
}
