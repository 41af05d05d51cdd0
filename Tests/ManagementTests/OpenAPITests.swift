import FleetMetrics
import Foundation
import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite("OpenAPI description", .timeLimit(.minutes(1)))
struct OpenAPITests {
    private typealias Object = [String: Any]

    private let harness = {
        var harness = ManagementHarness()
        harness.requests = SampleRequests.listing
        harness.tenants = SampleRequests.standings
        return harness
    }()

    /// What `{id}` stands for.
    private static let agent = "gpu-1"

    private static func read(_ text: String) throws -> Object {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
    }

    private static func object(_ parent: Object, _ keys: String...) throws -> Object {
        var object = parent
        for key in keys { object = try #require(object[key] as? Object, "no \(key)") }
        return object
    }

    private static func id(for template: String) -> String {
        switch template.split(separator: "/").last {
        case "forget": "127.0.0.1:3"
        case "load", "unload": "on-demand"
        default: Self.agent
        }
    }

    private func register() {
        let now = harness.fleet.now()
        harness.fleet.reported(Reports.ready(Self.agent, port: 1, processing: 1, at: now))
        harness.fleet.reported(Reports.ready("down", port: 2, condition: .down("gone"), at: now))
        harness.fleet.reported(Reports.ready("lost", port: 3, at: now))
        harness.fleet.agentLeft(AgentID(rawValue: "lost"), .connectionEnded)
        harness.fleet.reported(Reports.ready("other", port: 4, models: ["another"], at: now))
        harness.fleet.reported(Reports.ready("claimant", port: 1, at: now))
        var unloaded = Reports.ready("on-demand", port: 5, condition: .unloaded, at: now)
        unloaded.onDemand = OnDemand(host: "h", hostMemory: 10, memory: 5)
        unloaded.accelerators = [
            Accelerator(
                id: "GPU-1",
                host: "h",
                name: "T4",
                memoryUsed: 1,
                memoryTotal: 2,
                utilization: 0.5,
                celsius: 60
            )
        ]
        harness.fleet.reported(unloaded)
    }

    @Test("every route that is described is served, by the methods that are described and no others")
    func routes() async throws {
        register()
        try await harness.run { client in
            let description = try Self.read(try await client.send("GET", "/api/v1/openapi.json").body)
            #expect(description["openapi"] as? String == "3.1.0")
            let paths = try Self.object(description, "paths")
            #expect(paths.count == 19)
            for (template, item) in paths {
                let described = try #require(item as? Object)
                let path = template.replacing("{id}", with: Self.id(for: template))
                for method in ["GET", "POST", "PUT", "DELETE"] {
                    // A stream has no end that could be waited for, and nobody is there to tell a log.
                    let isHeadEnough = path.hasSuffix("/stream") || path.hasSuffix("/log")
                    let sent = method == "GET" && isHeadEnough ? "HEAD" : method
                    let reply = try await client.send(sent, path)
                    let isDescribed = described[method.lowercased()] != nil
                    #expect(reply.status == (isDescribed ? 200 : 405), "\(method) \(path)")
                }
            }
        }
    }

    @Test(
        "every field of the replies is described, and every field that is described as always there is",
        arguments: [
            ("GET", "/health", "Health"), ("GET", "/api/v1/agents", "Agents"), ("GET", "/api/v1/history", "History"),
            ("GET", "/api/v1/buffered_requests", "BufferedRequests"), ("POST", "/api/v1/agents/gpu-1/drain", "Agent"),
            ("POST", "/api/v1/agents/gpu-1/undrain", "Agent"), ("POST", "/api/v1/agents/127.0.0.1:3/forget", "Agent"),
            ("POST", "/api/v1/agents/on-demand/load", "Agent"), ("POST", "/api/v1/agents/on-demand/unload", "Agent"),
            ("GET", "/api/v1/events", "Events"), ("GET", "/api/v1/requests", "Requests"),
            ("GET", "/api/v1/tenants", "Tenants"),
            ("GET", "/api/v1/usage?by=tenant,model,day", "Usage"),
            ("GET", "/nothing", "Error"),
            ("POST", "/health", "Error"), ("POST", "/api/v1/explain", "Explanation"),
        ]
    )
    func fields(method: String, path: String, schema: String) async throws {
        register()
        await harness.history.record(second: 0)
        try await harness.run { client in
            let description = try Self.read(try await client.send("GET", "/api/v1/openapi.json").body)
            let schemas = try Self.object(description, "components", "schemas")
            let reply = try Self.read(try await client.send(method, path).body)
            try Self.compare(reply, with: try Self.object(schemas, schema), of: schemas, at: schema)
        }
    }

    @Test("the values that a state and a condition can have are all described")
    func values() async throws {
        try await harness.run { client in
            let description = try Self.read(try await client.send("GET", "/api/v1/openapi.json").body)
            let agent = try Self.object(description, "components", "schemas", "Agent", "properties")
            let states = try #require(try Self.object(agent, "state")["enum"] as? [String])
            #expect(
                Set(states) == ["lost", "left", "silent", "unloaded", "not_ready", "draining", "ejected", "usable"]
            )
            for state in states { #expect(AgentsReply.State(rawValue: state) != nil) }
            let conditions = try #require(try Self.object(agent, "condition")["enum"] as? [String])
            #expect(
                Set(conditions) == [
                    "ready", "loading", "down", "unresponsive", "stuck", "unauthorized", "slots_disabled", "restarting",
                    "failing", "unloaded",
                    "unexpected",
                ]
            )
        }
    }

    private static func compare(_ value: Any, with schema: Object, of schemas: Object, at path: String) throws {
        let schema = try resolved(schema, of: schemas, isNull: value is NSNull)
        if let object = value as? Object {
            let properties = try #require(schema["properties"] as? Object, "\(path) is described as no object")
            let required = schema["required"] as? [String] ?? []
            #expect(Set(required).subtracting(object.keys).isEmpty, "\(path)")
            for (key, value) in object {
                let property = try #require(properties[key] as? Object, "\(path).\(key) is not described")
                try compare(value, with: property, of: schemas, at: "\(path).\(key)")
            }
        } else if let array = value as? [Any] {
            let items = try #require(schema["items"] as? Object, "\(path) is described as no array")
            for element in array { try compare(element, with: items, of: schemas, at: "\(path)[]") }
        } else {
            let types = schema["type"] as? [String] ?? [schema["type"] as? String ?? ""]
            #expect(types.contains(where: { isOfType(value, $0) }), "\(path) is \(value), not \(types)")
        }
    }

    private static func resolved(_ schema: Object, of schemas: Object, isNull: Bool) throws -> Object {
        if let reference = schema["$ref"] as? String {
            return try object(schemas, String(try #require(reference.split(separator: "/").last)))
        }
        if let all = schema["allOf"] as? [Object] { return try resolved(all[0], of: schemas, isNull: isNull) }
        if let one = schema["oneOf"] as? [Object] {
            return try resolved(one[isNull ? 1 : 0], of: schemas, isNull: isNull)
        }
        return schema
    }

    private static func isOfType(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "null": value is NSNull
        case "string": value is String
        case "boolean": value is Bool
        case "integer": value is Int && !(value is NSNull)
        case "number": value is Double && !(value is NSNull)
        default: false
        }
    }
}
