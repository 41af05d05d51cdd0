import Agent
import ArgumentParser
import LlamaServer
import Supervision
import SupervisionRules
import Testing

@testable import paddler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Models that are loaded on demand")
struct ModelEntriesTests {
    private func host(_ yaml: String, environment: [String: String] = [:]) throws -> ModelHostConfiguration {
        let file = try TemporaryFile(yaml)
        let settings = try AgentCommand.parse(["--config", file.path]).settings(environment: environment)
        return try #require(try ModelHostConfiguration(settings, environment: environment))
    }

    /// What is said of a file that can't be used, behind the file's name.
    private func complaint(_ yaml: String) throws -> String {
        let file = try TemporaryFile(yaml)
        do {
            let settings = try AgentCommand.parse(["--config", file.path]).settings(environment: [:])
            _ = try ModelHostConfiguration(settings, environment: [:])
        } catch {
            let words = "\(AgentCommand.fullMessage(for: error))"
            return words.replacing("\(file.path): ", with: "")
        }
        return "none"
    }

    @Test("all that can be said of a model, beside settings")
    func everything() throws {
        let host = try host(
            """
            memory: 24GiB
            load-timeout: 1m
            models:
              - name: qwen-7b
                model: /srv/qwen-7b.gguf
                arguments: -np 4 --chat-template 'a b'
                aliases: [gpt-4o-mini, small]
                memory: 5GiB
                ttl: 10m
                preload: true
                pinned: yes
                environment:
                  CUDA_VISIBLE_DEVICES: 0
                working-directory: /srv
                log-file: /var/log/qwen.log
              - name: other
                command: vllm-like --port ${port} --host "${host}"
                aliases: o
            """
        )
        #expect(host.memoryBytes == 24 << 30)
        #expect(host.loadTimeout == .seconds(60))
        #expect(
            host.commands.map(\.entry) == [
                ModelEntry(
                    name: "qwen-7b",
                    aliases: ["gpt-4o-mini", "small"],
                    run: .file("/srv/qwen-7b.gguf", arguments: ["-np", "4", "--chat-template", "a b"]),
                    memory: ByteCountFlag(bytes: 5 << 30),
                    ttl: DurationFlag(.seconds(600)),
                    isPreloaded: true,
                    isPinned: true,
                    environment: ["CUDA_VISIBLE_DEVICES": "0"],
                    workingDirectory: "/srv",
                    logFile: "/var/log/qwen.log"
                ),
                ModelEntry(
                    name: "other",
                    aliases: ["o"],
                    run: .command(["vllm-like", "--port", "${port}", "--host", "${host}"])
                ),
            ]
        )
    }

    @Test(
        "what is wrong is said in one line, with its place and what to do",
        arguments: [
            ("models: {a: b}", "line 1: models: takes a list, each model behind a dash"),
            ("models: [a]", "line 1: models: each is described by lines like \"name: qwen-7b\""),
            ("models:\n  - model: a.gguf", "line 2: models: each needs a name"),
            ("models:\n  - name: a", "line 2: models: a: say which: model: takes a GGUF file"),
            (
                "models:\n  - name: a\n    modell: b",
                "line 3: models: a: modell: there is no such key; did you mean model?"
            ),
            (
                "models:\n  - name: a\n    model: b\n    command: c ${port}",
                "models: a: model and command exclude each other"
            ),
            ("models:\n  - name: a\n    command: c", "models: a: the command must have ${port} in it"),
            ("models:\n  - name: a\n    command: \"c '${port}\"", "line 3: models: a: command: a quote isn't closed"),
            (
                "models:\n  - name: a\n    command: c ${port}\n    arguments: d",
                "models: a: arguments are those of llama-server"
            ),
            (
                "models:\n  - name: a\n    model: b\n    memory: much",
                "line 4: models: a: memory: \"much\" is not a size"
            ),
            ("models:\n  - name: a\n    model: b\n    ttl: 0", "line 4: models: a: ttl: must be at least 1s"),
            ("models:\n  - name: a\n    model: b\n    preload: 2", "line 4: models: a: preload: \"2\" is neither"),
            (
                "models:\n  - name: a\n    model: b\n    environment: c",
                "line 4: models: a: environment: takes variables"
            ),
            ("models:\n  - name: a\n    model: b\n    arguments: --port 1", "the model a: --port: paddler chooses"),
            (
                "models:\n  - name: a\n    model: b\n  - name: c\n    model: d\n    aliases: a",
                "the model a: there are two of that name"
            ),
            (
                "server-log: l\nmodels:\n  - name: a/b\n    model: b\n  - name: a-b\n    model: d",
                "the model a-b: another one's log is l/a-b.log, too"
            ),
            ("memoryy: 1\nmodels: []", "memoryy: there is no such setting; did you mean memory?"),
            ("models: /no/such/folder", "models: /no/such/folder: it isn't a folder that can be read"),
        ]
    )
    func mistakes(yaml: String, words: String) throws {
        let complaint = try complaint(yaml)
        #expect(complaint.contains(words), "\(complaint)")
    }

    @Test("without models, nothing is run")
    func none() throws {
        let settings = try AgentCommand.parse([]).settings(environment: [:])
        #expect(try ModelHostConfiguration(settings, environment: [:]) == nil)
    }

    @Test(
        "an agent that runs servers itself gives them their ports",
        arguments: [
            ["--local-llamacpp-port", "1"], ["--external-llamacpp-addr", "a:1"],
        ]
    )
    func ports(flags: [String]) throws {
        let file = try TemporaryFile("models:\n  - name: a\n    model: b\n")
        #expect(throws: (any Error).self) { try AgentCommand.parse(["--config", file.path] + flags) }
        let agent = try AgentCommand.parse(["--config", file.path, "--external-llamacpp-host", "10.0.0.1"])
        #expect(try AgentConfiguration.ofModels(agent.settings(environment: [:])).external.host == "10.0.0.1")
    }

    // MARK: - How they are run

    @Test("a command gets its port and its host, is found on the PATH, and inherits what isn't paddler's")
    func command() throws {
        let inherited = ServerEnvironment.inherited(from: ["PATH": "/bin", "A": "1", "B": "2", "PADDLER_API_KEY": "x"])
        let entry = ModelEntry(
            name: "m",
            run: .command(["sh", "-c", "serve ${host}:${port}", "--api-key", "k,l", "-m", "/no/file.gguf"]),
            environment: ["B": "3"]
        )
        let command = try ModelCommand(entry, serverArguments: ["-np", "2"], inherited: inherited)
        let launch = try command.launch(llamaServer: nil, searched: "/nowhere:/bin", host: "h", port: 7)
        #expect(launch.program == "/bin/sh")
        #expect(launch.arguments.prefix(2) == ["-c", "serve h:7"])
        #expect(launch.environment == ["PATH": "/bin", "A": "1", "B": "3"])
        #expect(command.access.apiKey == "k")
        #expect(command.fileBytes == nil)
        #expect(throws: ServeFailure.self) {
            try command.launch(llamaServer: nil, searched: "/nowhere", host: "h", port: 7)
        }
    }

    @Test("a file is looked for where its server looks for it, and what it may take is its size and a tenth")
    func file() throws {
        let file = try TemporaryFile(String(repeating: "x", count: 1000), name: "a-00001-of-00002.gguf")
        let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent()
        try Data(count: 500).write(to: folder.appending(path: "a-00002-of-00002.gguf"))
        try Data(count: 70).write(to: folder.appending(path: "mmproj-a.gguf"))
        try Data(count: 70).write(to: folder.appending(path: "b.GGUF"))
        try Data(count: 70).write(to: folder.appending(path: "readme.md"))
        let entry = ModelEntry(
            name: "m",
            run: .file("a-00001-of-00002.gguf", arguments: ["-c", "1"]),
            workingDirectory: folder.path
        )
        let command = try ModelCommand(entry, serverArguments: ["-c", "2"], inherited: [:])
        #expect(command.fileBytes == 1500)
        let yaml = """
            models:
              - {name: m, model: a-00001-of-00002.gguf, working-directory: \(folder.path)}
              - {name: n, model: \(folder.path)/b.GGUF, memory: 9MB}
            """
        let host = try host(yaml)
        #expect(try memory(of: host, nil) == [1650, 9_000_000])
        var book: ModelBook? = ModelBook(folder: folder.appending(path: "state").path, logger: RecordedLines().logger)
        book?.note(2000, of: "m", fileBytes: 1500)
        book?.note(7, of: "n", fileBytes: 70)
        #expect(try memory(of: host, book) == [2000, 9_000_000])
        let again = ModelBook(folder: folder.appending(path: "state").path, logger: RecordedLines().logger)
        #expect(again.bytes(of: "m", fileBytes: 1500) == 2000)
        // Balancers know its server again.
        let ports = try ports(of: host, book)
        #expect(Set(ports).count == 2 && book?.port(of: "m") == ports[0])
        // Another process with the same folder has others.
        let other = try self.ports(of: host, again)
        #expect(Set(other).isDisjoint(with: ports))
        book = nil
        let third = ModelBook(folder: folder.appending(path: "state").path, logger: RecordedLines().logger)
        #expect(try self.ports(of: host, third) == ports || ports.contains { !FreePort.isFree($0) })
        // Another file is another model.
        #expect(again.bytes(of: "m", fileBytes: 1501) == nil)
        let launch = try command.launch(llamaServer: "/bin/ls", searched: nil, host: "127.0.0.1", port: 7)
        #expect(launch.workingDirectory == folder.path)
        #expect(launch.arguments.starts(with: ["-m", file.path, "--alias", "m", "--host", "127.0.0.1", "--port", "7"]))
        #expect(launch.arguments.suffix(4) == ["-c", "1", "-c", "2"])
        let found = try ModelFiles.models(in: folder.path + "/")
        #expect(found.map(\.name) == ["a", "b"])
        #expect(found.map(\.run).first == .file(file.path, arguments: []))
    }

    private func ports(of host: ModelHostConfiguration, _ book: ModelBook?) throws -> [Int] {
        var host = host
        host.llamaServer = "/bin/ls"
        return try host.models(listeningOn: "127.0.0.1", book, environment: ["PATH": "/bin"]).map(\.port)
    }

    private func memory(of host: ModelHostConfiguration, _ book: ModelBook?) throws -> [Int] {
        let environment = ["PATH": "/bin"]
        var host = host
        host.llamaServer = "/bin/ls"
        return try host.models(listeningOn: "127.0.0.1", book, environment: environment).map { found in
            switch found.model.rules.memory {
            case .said(let bytes), .estimated(let bytes): bytes
            }
        }
    }

    @Test(
        "a command line is cut into words as by a shell",
        arguments: [
            ("a  b\n c", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]),
            ("a\\ b \"c\\\"d\" 'e\\'", ["a b", "c\"d", "e\\"]),
            ("a \\\n b", ["a", "b"]), ("'' a''b", ["", "ab"]), ("", []),
        ]
    )
    func words(line: String, words: [String]) throws {
        #expect(try ShellWords.split(line) == words)
    }
}
