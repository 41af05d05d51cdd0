import Foundation
import Testing

@testable import FakeLlamaServer

/// Who may have how much, by a file that changes.
@Suite("Tenants of a balancer", .serialized)
final class TenantTests: Sendable {
    private static let path = "/v1/chat/completions"

    private let file = FileManager.default.temporaryDirectory.appending(path: "tenants-\(UUID().uuidString).yaml")

    deinit {
        try? FileManager.default.removeItem(at: file)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private var arguments: [String] { ["--tenants-file", file.path()] }

    private func ask(_ fleet: Fleet, _ key: String, _ body: String = "{}") async throws -> HTTPReply {
        try await fleet.exchange("POST", Self.path, headers: ["Authorization": "Bearer \(key)"], body: body)
    }

    @Test("a key that is made opens, and one that is taken out of the file doesn't any more")
    func life() async throws {
        let made = try Paddler.start(["key", "create", "team-a"])
        #expect(try await made.waitUntilExit() == .code(0))
        let key = try #require(made.lines.first { $0.hasPrefix("  sk-paddler-") }).trimmingCharacters(in: .whitespaces)
        let yaml = made.lines.drop { $0 != "tenants:" }.joined(separator: "\n") + "\n"
        try write(yaml)
        try await withFleet(servers: 1, balancerArguments: arguments) { fleet in
            #expect(try await ask(fleet, key).status == 200)
            #expect(try await ask(fleet, "other").status == 401)
            try write("tenants:\n  team-b: {keys: other}\n")
            _ = try await fleet.balancer.process.waitForLine(containing: "tenants read again")
            #expect(try await ask(fleet, key).status == 401)
            #expect(try await ask(fleet, "other").status == 200)
            let remark = try await fleet.balancer.process.waitForLine(containing: "can be read there")
            #expect(remark.contains("line 2: a key of team-b"))
            try write("tenants:\n  team-b: {keys: third, wieght: 2}\n")
            let line = try await fleet.balancer.process.waitForLine(containing: "tenants stay as they are")
            #expect(line.contains("line 2: tenants: team-b: wieght: there is no such key"))
            #expect(try await ask(fleet, "other").status == 200)
        }
    }

    @Test("a tenant sees, and gets, the models that it may use")
    func models() async throws {
        try write("tenants:\n  a: {keys: k, models: \"al*\"}\n  b: {keys: l}\n")
        try await withFleet(models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            struct List: Decodable {
                let data: [Entry]
                struct Entry: Decodable { let id: String }
            }
            for (key, expected) in [("k", ["alpha"]), ("l", ["alpha", "beta"])] {
                let reply = try await fleet.exchange("GET", "/v1/models", headers: ["X-Api-Key": key])
                let list = try JSONDecoder().decode(List.self, from: Data(reply.body)).data
                #expect(list.map(\.id).sorted() == expected)
            }
            #expect(try await ask(fleet, "k", #"{"model":"alpha"}"#).status == 200)
            let refused = try await ask(fleet, "k", #"{"model":"beta"}"#)
            #expect(refused.status == 403 && refused.failure?.message.contains("'beta'") == true)
            #expect(try await ask(fleet, "l", #"{"model":"beta"}"#).status == 200)
        }
    }

    @Test("of 64 clients at one time as many are served as a minute allows, and not one more")
    func exact() async throws {
        // What the minute gives back while they ask is less than one.
        try write("tenants:\n  a: {keys: k, requests-per-minute: 1}\n  b: {keys: l, requests-per-minute: 40}\n")
        try await withFleet(servers: 2, slots: 32, balancerArguments: arguments) { fleet in
            for (key, limit) in [("k", 1), ("l", 40)] {
                let start = ContinuousClock.now
                let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            let client = try fleet.connect()
                            var statuses: [Int] = []
                            for _ in 0..<3 {
                                let headers = ["Authorization": "Bearer \(key)"]
                                try await client.send(
                                    RawClient.request("POST", Self.path, headers: headers, body: "{}")
                                )
                                statuses.append(try await client.reply().status)
                            }
                            return statuses
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                let minutes = (ContinuousClock.now - start) / .seconds(60)
                let served = statuses.count { $0 == 200 }
                #expect(served >= limit && Double(served) <= Double(limit) * (1 + minutes))
                #expect(statuses.count { $0 == 429 } == statuses.count - served)
            }
        }
    }

    // MARK: - Turns

    /// Answers that take a while, so that requests meet.
    private static let slowly = ["--tokens", "5", "--token-delay", "4ms"]

    @Test("of 64 clients at one time no more are at the servers than its tenant may have running")
    func maximumRunning() async throws {
        try write("tenants:\n  a: {keys: k, max-running: 3}\n")
        try await withFleet(
            servers: 1,
            slots: 8,
            serverArguments: Self.slowly,
            balancerArguments: arguments
        ) { fleet in
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask {
                        let reply = try await self.ask(fleet, "k")
                        #expect(reply.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fleet.servers[0].counts().runningMax == 3)
        }
    }

    @Test("beside a tenant with a hundred waiting, one that asks one at a time gets its turn each time")
    func flood() async throws {
        try write("tenants:\n  flood: {keys: f}\n  one: {keys: o}\n")
        try await withFleet(
            servers: 1,
            slots: 2,
            serverArguments: Self.slowly,
            balancerArguments: arguments
        ) { fleet in
            try await tell(fleet, "drain")
            try await withThrowingTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask {
                        let reply = try await self.ask(fleet, "f")
                        #expect(reply.status == 200)
                    }
                }
                try await fleet.balancer.waitUntilWaiting(100)
                try await tell(fleet, "undrain")
                for _ in 0..<3 { #expect(try await ask(fleet, "o").status == 200) }
                try await group.waitForAll()
            }
            let turns = try await turns(fleet)
            let ones = turns.filter { $0.tenant == "one" }
            let flood = turns.filter { $0.tenant == "flood" }
            #expect(ones.count == 3 && flood.count == 100)
            // Its turn is the next, once the others have had the slot time that it had last. Times are told in thousandths of a
            // second, in which two of the flood may begin.
            for (number, one) in ones.enumerated() {
                let passed = flood.filter { one.submitted < $0.begun && $0.begun < one.begun }.sorted {
                    $0.begun < $1.begun
                }
                let before = number == 0 ? 0 : ones[number - 1].slotSeconds
                #expect(passed.dropLast(3).reduce(0) { $0 + $1.slotSeconds } <= before)
            }
        }
    }

    /// A request that has ended, by the balancer's clock.
    private struct Turn {
        let tenant: String
        let submitted: Date
        /// When it got its slot.
        let begun: Date
        let slotSeconds: Double
    }

    /// Those that have ended, in the order in which they came.
    private func turns(_ fleet: Fleet) async throws -> [Turn] {
        struct Line: Decodable {
            let time: String
            let tenant: String?
            let received_seconds: Double?
            let waited_seconds: Double
            let total_seconds: Double
        }
        struct Listing: Decodable {
            let ended: [Line]
        }
        let reply = try await RawClient.exchange(
            "GET",
            "/api/v1/requests?limit=1000",
            port: fleet.balancer.managementPort
        )
        let listing = try JSONDecoder().decode(Listing.self, from: Data(reply.body))
        return try listing.ended.compactMap { line in
            guard let tenant = line.tenant, let received = line.received_seconds else { return nil }
            let arrived = try Date(line.time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            let submitted = arrived.addingTimeInterval(received)
            return Turn(
                tenant: tenant,
                submitted: submitted,
                begun: submitted.addingTimeInterval(line.waited_seconds),
                slotSeconds: line.total_seconds - received - line.waited_seconds
            )
        }.sorted { $0.submitted < $1.submitted }
    }

    private func tell(_ fleet: Fleet, _ verb: String) async throws {
        let path = "/api/v1/agents/127.0.0.1:\(fleet.servers[0].port)/\(verb)"
        #expect(try await RawClient.exchange("POST", path, port: fleet.balancer.managementPort).status == 200)
    }

    @Test("who may have nobody waiting is told so, and when to come back")
    func maximumWaiting() async throws {
        try write("tenants:\n  a: {keys: k, max-waiting: 0}\n  b: {keys: l}\n")
        try await withFleet(
            servers: 1,
            slots: 1,
            serverArguments: ["--delay", "3600s"],
            balancerArguments: arguments
        ) { fleet in
            let busy = try fleet.connect()
            let body = RawClient.request("POST", Self.path, headers: ["Authorization": "Bearer l"], body: "{}")
            try await busy.send(body)
            try await fleet.balancer.waitForIdleSlots(0)
            let refused = try await ask(fleet, "k")
            #expect(refused.status == 429 && refused["retry-after"] == "1")
            #expect(refused.failure?.message.contains("none of your requests may wait") == true)
        }
    }

    @Test("a mistake at the start ends the program in one line")
    func mistake() async throws {
        try write("tenants:\n  a: {keys: k, weight: 0}\n")
        let process = try Paddler.start(
            ["balancer", "--management-addr", "127.0.0.1:0", "--reverseproxy-addr", "127.0.0.1:0"] + arguments
        )
        _ = try await process.waitForLine(
            containing: "--tenants-file: \(file.path()): line 2: tenants: a: weight: must be from 1 to 1000"
        )
        #expect(try await process.waitUntilExit() == .code(1))
    }
}
