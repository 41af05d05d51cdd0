import Agent
import ArgumentParser
import Balancer
import LlamaServer
import Testing

@testable import paddler

struct ServeConfigurationTests {
    private func arguments(_ own: [String], environment: [String: String] = [:]) throws -> ServerArguments {
        try ServerArguments(model: "m.gguf", own: own, environment: environment)
    }

    @Test("what the user says to llama-server comes last, and so counts")
    func order() throws {
        let all = try arguments(["-np", "4", "--slot-prompt-similarity", "0.1"]).all(port: 7)
        #expect(
            all == [
                "-m", "m.gguf", "--host", "127.0.0.1", "--port", "7", "--metrics", "--slot-prompt-similarity", "0.5",
                "-np",
                "4", "--slot-prompt-similarity", "0.1",
            ]
        )
    }

    @Test("the model may be llama-server's to find")
    func noFile() throws {
        let arguments = try ServerArguments(model: nil, own: ["-hf", "a/b"], environment: [:])
        #expect(arguments.all(port: 7).suffix(2) == ["-hf", "a/b"])
        #expect(throws: FlagValueError.self) { try ServerArguments(model: nil, own: [], environment: [:]) }
    }

    @Test("the agent knows llama-server's first key and its prefix, wherever llama-server has them from")
    func keys() throws {
        #expect(try arguments(["--api-key", "a,b", "--api-prefix", "/llm"]).access.apiKey == "a")
        #expect(try arguments(["--api-key", "a,b", "--api-prefix", "/llm"]).access.pathPrefix?.text == "/llm")
        #expect(try arguments([], environment: ["LLAMA_API_KEY": "c"]).access.apiKey == "c")
        #expect(try arguments(["--api-key", "a"], environment: ["LLAMA_API_KEY": "c"]).access.apiKey == "a")
        #expect(try arguments([]).access.apiKey == nil)
    }

    @Test("where paddler has to choose, nobody else does", arguments: ["--host", "--port", "--api-key-file"])
    func refused(flag: String) {
        #expect(throws: FlagValueError.self) { try arguments([flag, "1"]) }
    }

    private func configuration(_ line: String) throws -> ServeConfiguration {
        let command = try #require(
            try Paddler.parseAsRoot(line.split(separator: " ").map(String.init)) as? ServeCommand
        )
        return try ServeConfiguration(
            command.settings(environment: [:]),
            serverArguments: command.serve.serverArguments,
            environment: [:]
        )
    }

    @Test("the printed curl line fits the listener and its keys")
    func announcement() {
        var announcement = ServeAnnouncement(
            models: .single("m.gguf"),
            addresses: ListeningAddresses(
                reverseProxy: NetworkAddress(host: "0.0.0.0", port: 1),
                management: NetworkAddress(host: "::1", port: 2)
            ),
            usesTLS: false,
            needsKey: false,
            hasDashboard: true
        )
        #expect(announcement.text.contains("  curl http://127.0.0.1:1/v1/chat/completions -H 'Content-Type"))
        #expect(announcement.text.contains("The dashboard:  http://[::1]:2/dashboard\n"))
        announcement.usesTLS = true
        announcement.needsKey = true
        announcement.hasDashboard = false
        #expect(
            announcement.text.contains(
                "curl -k https://127.0.0.1:1/v1/chat/completions -H 'Authorization: Bearer KEY' -H"
            )
        )
        #expect(!announcement.text.contains("dashboard"))
    }

    private struct UnexpectedModels: Error {}

    @Test("one model is served alone; of several each is loaded on demand, by its file's name, and the first at once")
    func several() throws {
        let configuration = try configuration("serve -m dir/a.gguf -m b-00001-of-00002.gguf --memory 24GB -- -np 2")
        guard case .onDemand(let models) = configuration.served else { throw UnexpectedModels() }
        #expect(models.commands.map(\.entry.name) == ["a", "b"])
        #expect(models.commands.map(\.entry.isPreloaded) == [true, false])
        #expect(models.memoryBytes == 24_000_000_000)
        #expect(throws: (any Error).self) { try self.configuration("serve -m a.gguf -m other/a.gguf") }
    }

    @Test("a curl line for several models asks for the first")
    func announcementOfSeveral() {
        let addresses = ListeningAddresses(
            reverseProxy: NetworkAddress(host: "127.0.0.1", port: 1),
            management: NetworkAddress(host: "127.0.0.1", port: 2)
        )
        let announcement = ServeAnnouncement(
            models: .onDemand(["a", "b"]),
            addresses: addresses,
            usesTLS: false,
            needsKey: false,
            hasDashboard: false
        )
        #expect(announcement.text.contains("2 models are served, loaded on demand (a, b), at http://127.0.0.1:1"))
        #expect(announcement.text.contains(#"-d '{"model":"a","messages""#))
    }

    @Test("the dashboard is on unless somebody says otherwise")
    func dashboard() throws {
        #expect(try configuration("serve -m m.gguf").balancer.enablesDashboard)
        #expect(try !configuration("serve -m m.gguf --management-dashboard-enable=false").balancer.enablesDashboard)
    }

    @Test(
        "a log is called as its model is",
        arguments: [
            ("serve -m dir/m.gguf --server-log /logs", "/logs/m.log"),
            ("serve --server-log logs/ -- -hf a/b", "logs/model.log"),
            ("serve -m m.gguf", nil),
        ] as [(String, String?)]
    )
    func logFile(line: String, file: String?) throws {
        guard case .single(let model) = try configuration(line).served else { throw UnexpectedModels() }
        #expect(model.logFile == file)
        #expect(ServerLogName.path(of: "../org/m", in: "/logs") == "/logs/-..-org-m.log")
    }

    @Test("the agent finds its balancer, wherever that listens, and is let in")
    func agent() throws {
        let configuration = try configuration(
            "serve -m dir/m.gguf --management-host :: --management-token secret -- -np 2"
        )
        let agent = configuration.agent(port: 7, management: NetworkAddress(host: "::", port: 8))
        #expect(agent.management == [NetworkAddress(host: "::1", port: 8)])
        #expect(agent.managementToken == "secret")
        #expect(agent.local == NetworkAddress(host: "127.0.0.1", port: 7))
        #expect(agent.name == "m.gguf")
        guard case .single(let model) = configuration.served else { throw UnexpectedModels() }
        #expect(model.server.own == ["-np", "2"])
    }
}
