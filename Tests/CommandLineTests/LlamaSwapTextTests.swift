import ArgumentParser
import Balancer
import Testing

@testable import paddler

@Suite("llama-swap's configuration")
struct LlamaSwapTextTests {
    private func configuration(_ yaml: String, environment: [String: String] = [:]) throws -> LlamaSwapConfiguration {
        try LlamaSwapText.configuration(in: yaml, environment: environment)
    }

    @Test("what has a meaning here is translated, with macros")
    func translates() throws {
        let configuration = try configuration(
            """
            healthCheckTimeout: 500
            globalTTL: 300
            macros:
              "latest": >
                /opt/llama-server --port ${PORT}
              "ctx": 4096
              "args": "--ctx-size ${ctx}"
              "dir": "${env.HOME}/models"
            apiKeys: ["${env.KEY}", sk-b]
            models:
              "big":
                macros: {ctx: 16384}
                cmd: |
                  # a comment
                  ${latest}
                  --model ${dir}/big.gguf \\
                  ${args}
                env: ["CUDA_VISIBLE_DEVICES=0,1", "EMPTY="]
                aliases: [gpt-4o, "${MODEL_ID}-x"]
                ttl: 60
              "fixed":
                proxy: http://127.0.0.1:8999
                cmd: server --listen 8999
                ttl: 0
              "other":
                cmd: server ${PORT}
                ttl: -1
                checkEndpoint: /health
            hooks: {on_startup: {preload: [gpt-4o]}}
            groups:
              forever: {persistent: true, swap: false, exclusive: false, members: [other]}
            """,
            environment: ["HOME": "/home/me", "KEY": "sk-a"]
        )
        #expect(configuration.loadTimeout == .seconds(500))
        #expect(configuration.apiKeys == ["sk-a", "sk-b"])
        #expect(
            configuration.models == [
                ModelEntry(
                    name: "big",
                    aliases: ["gpt-4o", "big-x"],
                    run: .command([
                        "/opt/llama-server", "--port", "${port}", "--model", "/home/me/models/big.gguf", "--ctx-size",
                        "16384",
                    ]),
                    ttl: DurationFlag(.seconds(60)),
                    isPreloaded: true,
                    environment: ["CUDA_VISIBLE_DEVICES": "0,1", "EMPTY": ""]
                ),
                ModelEntry(name: "fixed", run: .command(["server", "--listen", "8999"]), port: 8999),
                ModelEntry(
                    name: "other",
                    run: .command(["server", "${port}"]),
                    ttl: DurationFlag(.seconds(300)),
                    isPinned: true
                ),
            ]
        )
        #expect(configuration.leftOut.isEmpty)
    }

    @Test("whether streams are told of loads is taken of all models, and not of one")
    func loadingState() throws {
        let models = "models: {a: {cmd: \"s ${PORT}\", sendLoadingState: false}}"
        let configuration = try configuration("sendLoadingState: true\n\(models)")
        #expect(configuration.tellsLoading)
        #expect(
            configuration.leftOut.map(\.description) == [
                "llama-swap's sendLoadingState (of a) is left out: what holds for all is taken, see --loading-state"
            ]
        )
        #expect(try !self.configuration(models).tellsLoading)
    }

    @Test("what is left out is said, of several models once")
    func leavesOut() throws {
        let configuration = try configuration(
            """
            startPort: 10001
            unheardOf: 1
            models:
              a: {cmd: "s ${PORT}", cmdStop: docker stop, name: A}
              b: {cmd: "s ${PORT}", cmdStop: docker stop, checkEndpoint: none}
              c: {cmd: s, proxy: "http://10.0.0.1:80"}
            routing:
              router:
                use: matrix
                settings:
                  groups: {g: {members: [a, b]}}
                  matrix: {sets: {}}
            """
        )
        #expect(configuration.models.map(\.name) == ["a", "b"])
        #expect(
            Set(configuration.leftOut.map(\.description)) == [
                "llama-swap's startPort is left out: ports are chosen that are free",
                "llama-swap's unheardOf is left out: there is nothing like it",
                "llama-swap's cmdStop (of a, b) is left out: its processes get SIGTERM, and ten seconds later SIGKILL",
                "llama-swap's name (of a) is left out: models are called by their names alone",
                "llama-swap's checkEndpoint (of b) is left out: a server is ready when its /health says so",
                "llama-swap's model (of c) is left out: its cmd has no ${PORT}, and its proxy is none of "
                    + "http://127.0.0.1:PORT",
                "llama-swap's groups, but for persistent ones, is left out: models stay loaded together as long as "
                    + "they fit into --memory",
                "llama-swap's routing matrix is left out: what is loaded together follows from what fits into --memory",
            ]
        )
    }

    @Test(
        "what can't be meant is refused",
        arguments: [
            ("models: {a: {cmd: \"x ${nope}\"}}", "line 1: models: a: ${nope}: there is no such macro"),
            ("models: {a: {cmd: \"x ${env.NOPE}\"}}", "models: a: ${env.NOPE}: there is no such variable"),
            ("macros: {a: \"${b}\", b: \"${a}\"}\nmodels: {m: {cmd: \"${a}\"}}", "refer to each other in a circle"),
            ("macros: {a: \"${a}${a}\"}\nmodels: {m: {cmd: \"${a}\"}}", "refer to each other in a circle"),
            ("models: {a: {proxy: b}}", "models: a: it has no cmd"),
            ("models: {a: {cmd: \"x 'y\"}}", "models: a: a quote isn't closed"),
            ("models: {a: {cmd: \"x ${PORT}\", env: [A]}}", "env: \"A\" isn't NAME=value"),
            ("models: [a", "line"), ("a", "there must be lines"),
        ]
    )
    func refuses(yaml: String, words: String) throws {
        let error = #expect(throws: FlagValueError.self) { try configuration(yaml) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("its keys are asked for here, too, and its time limit counts unless another is given")
    func served() throws {
        let file = try TemporaryFile(
            "healthCheckTimeout: 99\napiKeys: [sk-a]\nmodels: {m: {cmd: \"s ${PORT}\"}}",
            name: "swap.yaml"
        )
        func configuration(_ flags: String...) throws -> ServeConfiguration {
            let command = try ServeCommand.parse(["--llama-swap-config", file.path] + flags)
            return try ServeConfiguration(command.settings(environment: [:]), serverArguments: [], environment: [:])
        }
        let translated = try configuration()
        guard case .onDemand(let models) = translated.served else { throw FlagValueError("one model") }
        #expect(translated.balancer.apiKeys == ["sk-a"])
        #expect(models.loadTimeout == .seconds(99))
        #expect(models.commands.map(\.entry.name) == ["m"])
        let overruled = try configuration("--api-key", "b", "--load-timeout", "5s")
        guard case .onDemand(let models) = overruled.served else { throw FlagValueError("one model") }
        #expect(overruled.balancer.apiKeys == ["b"])
        #expect(models.loadTimeout == .seconds(5))
    }
}
