import StubHTTPServer
import Testing

@testable import InstanceMetadata

/// Over loopback connections, against emulators of the services.
struct InstanceMetadataTests {
    private static let address = MetadataHost.ec2(path: "local-ipv4")

    /// Long where an answer is to be expected, short where none is.
    private func resolve(
        _ variables: [String: String],
        _ host: MetadataHost = address,
        seconds: Double = 20
    ) async throws -> String {
        let limited = variables.merging(["AWS_METADATA_SERVICE_TIMEOUT": "\(seconds)"]) { $1 }
        return try await InstanceMetadata(MetadataEnvironment(limited)).resolve(host)
    }

    private func ec2(_ server: StubHTTPServer) -> [String: String] {
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url]
    }

    @Test("a service that demands tokens gets one")
    func tokens() async throws {
        let answer: StubHTTPServer.Answer = { request in
            switch (request.method, request.uri) {
            case ("PUT", "/latest/api/token"):
                let lifetime = request.headers["x-aws-ec2-metadata-token-ttl-seconds"].flatMap { Int($0) } ?? 0
                return (1...21600).contains(lifetime) ? StubReply(200, "token-1") : StubReply(400)
            case ("GET", "/latest/meta-data/local-ipv4"):
                guard request.headers["x-aws-ec2-metadata-token"] == "token-1" else { return StubReply(401) }
                return StubReply(200, "10.1.2.3")
            default: return StubReply(404)
            }
        }
        try await StubHTTPServer.with(answer) { server in
            let host = try await resolve(ec2(server))
            #expect(host == "10.1.2.3")
            #expect(server.requests.map(\.method) == ["PUT", "GET"])
        }
    }

    @Test("a service of the first version is asked without")
    func version1() async throws {
        let answer: StubHTTPServer.Answer = { request in
            guard request.method == "GET", request.headers["x-aws-ec2-metadata-token"] == nil else {
                return StubReply(405)
            }
            return StubReply(200, "ip-10-1-2-3.ec2.internal\n")
        }
        try await StubHTTPServer.with(answer) { server in
            let host = try await resolve(ec2(server), .ec2(path: "local-hostname"))
            #expect(host == "ip-10-1-2-3.ec2.internal")
            #expect(server.requests.last?.uri == "/latest/meta-data/local-hostname")
        }
    }

    @Test("a service that doesn't answer questions for tokens is asked without, as in a container's network")
    func tokenHangs() async throws {
        let answer: StubHTTPServer.Answer = { $0.method == "PUT" ? nil : StubReply(200, "fd00::1") }
        try await StubHTTPServer.with(answer) { server in
            let host = try await resolve(ec2(server), .ec2(path: "ipv6"), seconds: 2)
            #expect(host == "fd00::1")
        }
    }

    @Test("a service that hangs is given up after a few tries")
    func hangs() async throws {
        try await StubHTTPServer.with({ _ in nil }) { server in
            let error = await #expect(throws: InstanceMetadataError.self) {
                try await resolve(ec2(server), seconds: 0.05)
            }
            #expect(error?.reason == .noAnswer("no answer in time"))
            #expect(server.requests.count <= 4)
        }
    }

    @Test("where there is no service one is told so")
    func nobody() async throws {
        // A port that was the system's choice a moment ago and is nobody's now.
        var url = ""
        try await StubHTTPServer.with({ _ in nil }) { url = $0.url }
        let error = await #expect(throws: InstanceMetadataError.self) {
            try await resolve(["AWS_EC2_METADATA_SERVICE_ENDPOINT": url])
        }
        #expect(error?.description.hasPrefix("aws:metadata:local-ipv4: no instance metadata from \(url): ") == true)
        #expect(error?.description.hasSuffix("; off AWS, give the host itself") == true)
    }

    @Test(
        "an answer that is no host is refused",
        arguments: ["<html>", "10.0.0.1/24", "10.0.0.1 10.0.0.2", "a\nb", ""]
    )
    func garbled(body: String) async throws {
        let answer: StubHTTPServer.Answer = { StubReply($0.method == "PUT" ? 404 : 200, body) }
        try await StubHTTPServer.with(answer) { server in
            let error = await #expect(throws: InstanceMetadataError.self) { try await resolve(ec2(server)) }
            #expect(error?.reason == .garbled)
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test("an instance without a public address is told so")
    func missing() async throws {
        try await StubHTTPServer.with({ $0.method == "PUT" ? StubReply(200, "t") : StubReply(404, "<html>") }) {
            server in
            let error = await #expect(throws: InstanceMetadataError.self) {
                try await resolve(ec2(server), .ec2(path: "public-ipv4"))
            }
            #expect(error?.description.hasPrefix("aws:metadata:public-ipv4: this machine has none") == true)
        }
    }

    @Test("nobody is asked where it is forbidden")
    func disabled() async throws {
        try await StubHTTPServer.with({ _ in StubReply(200, "10.0.0.1") }) { server in
            let variables = ec2(server).merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }
            let error = await #expect(throws: InstanceMetadataError.self) { try await resolve(variables) }
            #expect(error?.reason == .disabled)
            #expect(server.requests.isEmpty)
        }
    }

    @Test("an ECS task's address is its first network's")
    func ecs() async throws {
        let description = """
            {"DockerId":"x","Name":"paddler","Networks":[{"NetworkMode":"awsvpc","IPv4Addresses":["10.0.2.106"],
            "AttachmentIndex":0,"IPv4SubnetCIDRBlock":"10.0.2.0/24"}],"Limits":{"CPU":2}}
            """
        try await StubHTTPServer.with({ _ in StubReply(200, description) }) { server in
            let variables = ["ECS_CONTAINER_METADATA_URI_V4": "\(server.url)/v4/abc"]
            let host = try await resolve(variables, .ecsIPv4)
            #expect(host == "10.0.2.106")
            #expect(server.requests.map(\.uri) == ["/v4/abc"])
        }
    }

    @Test(
        "an ECS agent that says something else is refused",
        arguments: ["{}", #"{"Networks":[]}"#, "[", #"{"Networks":[{"IPv4Addresses":["x y"]}]}"#]
    )
    func ecsGarbled(body: String) async throws {
        try await StubHTTPServer.with({ _ in StubReply(200, body) }) { server in
            let error = await #expect(throws: InstanceMetadataError.self) {
                try await resolve(["ECS_CONTAINER_METADATA_URI_V4": server.url], .ecsIPv4)
            }
            #expect(error?.reason == .garbled)
        }
    }

    @Test("off ECS one is told so")
    func noECS() async throws {
        let error = await #expect(throws: InstanceMetadataError.self) { try await resolve([:], .ecsIPv4) }
        #expect(error?.reason == .noEndpoint)
    }
}
