import Testing

@testable import InstanceMetadata

struct MetadataHostTests {
    @Test("all that is promised is known", arguments: MetadataHost.examples)
    func examples(text: String) throws {
        #expect(MetadataHost.isMeant(by: text))
        #expect(try MetadataHost(parsing: text).description == text)
    }

    @Test("any path of the instance's metadata can be named, with the colons of hardware addresses")
    func paths() throws {
        let path = "network/interfaces/macs/02:29:96:8f:6a:2d/local-ipv4s"
        #expect(try MetadataHost(parsing: "aws:metadata:\(path)") == .ec2(path: path))
    }

    @Test(
        "what is no path is refused",
        arguments: [
            "aws:metadata:", "aws:metadata:/", "aws:metadata:/a", "aws:metadata:a/", "aws:metadata:a//b",
            "aws:metadata:../user-data", "aws:metadata:a?b", "aws:metadata:a b", "aws:metadata:a#b", "aws:metadata:%2e",
            "aws:metadata:\(String(repeating: "a", count: 201))",
        ]
    )
    func noPaths(text: String) {
        #expect(MetadataHost.isMeant(by: text))
        #expect(throws: MetadataHostError.notAPath(text)) { try MetadataHost(parsing: text) }
    }

    @Test("other metadata of ECS is refused with what there is")
    func ecs() {
        let error = #expect(throws: MetadataHostError.self) { try MetadataHost(parsing: "ecs:metadata:ipv6") }
        #expect(error?.description.contains("ecs:metadata:ipv4") == true)
    }

    @Test("names and addresses mean themselves", arguments: ["127.0.0.1", "::1", "aws", "aws:metadata", "gpu-1"])
    func others(text: String) {
        #expect(!MetadataHost.isMeant(by: text))
    }
}
