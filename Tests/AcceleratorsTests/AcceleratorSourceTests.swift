import AgentProtocol
import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import Accelerators

/// A folder of the test's own, with what is written into it.
private struct Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("accelerators-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func write(_ text: String, to path: String) throws {
        let file = url.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    func writeTool(_ name: String, _ script: String) throws {
        try write("#!/bin/sh\n\(script)\n", to: "bin/\(name)")
        let path = url.appendingPathComponent("bin/\(name)").path
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    var driver: AMDGPUFolder { AMDGPUFolder(path: url.appendingPathComponent("drm").path) }

    /// What there is in this folder, and nowhere else.
    var source: AcceleratorSource? {
        AcceleratorSource(
            environment: ["PATH": url.appendingPathComponent("bin").path, "PADDLER_API_KEY": "secret"],
            driver: driver,
            limitedToPath: true
        )
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}

@Suite("Who is asked for GPUs", .timeLimit(.minutes(1)))
struct AcceleratorSourceTests {
    private func withFolder(_ body: (Folder) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try await body(folder)
    }

    private static let line = "echo 'GPU-1, Tesla T4, 1024, 15360, 5, 45'"

    @Test("where there is no tool and no driver, nobody")
    func nobody() async throws {
        try await withFolder { #expect($0.source == nil) }
    }

    @Test("the driver's files: cards with memory of their own, not their outputs")
    func driver() async throws {
        try await withFolder { folder in
            for (file, text) in [
                "mem_info_vram_total": "25753026560\n", "mem_info_vram_used": "1325060096\n", "gpu_busy_percent": "7\n",
                "unique_id": "9b3f6c2a11d0\n", "product_name": "\n", "device": "0x744c\n",
                "hwmon/hwmon3/temp1_input": "41000\n",
            ] { try folder.write(text, to: "drm/card1/device/\(file)") }
            try folder.write("1000\n", to: "drm/card0/device/mem_info_vram_total")
            try folder.write("5\n", to: "drm/card2/device/vendor")
            try folder.write("1\n", to: "drm/card1-DP-1/device/mem_info_vram_total")
            try folder.write("1\n", to: "drm/renderD128/device/mem_info_vram_total")
            let source = try #require(folder.source)
            #expect(
                await source.accelerators(host: "h") == [
                    Accelerator(id: "h/card0", host: "h", name: "AMD GPU", memoryTotalBytes: 1000),
                    Accelerator(
                        id: "0x9b3f6c2a11d0",
                        host: "h",
                        name: "AMD GPU 0x744c",
                        memoryUsedBytes: 1_325_060_096,
                        memoryTotalBytes: 25_753_026_560,
                        utilization: 0.07,
                        celsius: 41
                    ),
                ]
            )
        }
    }

    @Test("a tool on the PATH, in a language that can be read, and without our secrets")
    func tool() async throws {
        try await withFolder { folder in
            try folder.writeTool("nvidia-smi", "test \"$LC_ALL$PADDLER_API_KEY\" = C || exit 1\n" + Self.line)
            let found = try await #require(folder.source).accelerators(host: "h")
            #expect(found?.map(\.id) == ["GPU-1"])
        }
    }

    @Test("both makers' GPUs in one machine")
    func both() async throws {
        try await withFolder { folder in
            try folder.writeTool("nvidia-smi", Self.line)
            try folder.writeTool("rocm-smi", "echo '{\"card0\": {\"GPU use (%)\": \"1\"}}'")
            let found = try await #require(folder.source).accelerators(host: "h")
            #expect(found?.map(\.id) == ["GPU-1", "h/card0"])
        }
    }

    @Test(
        "a tool that fails says nothing, whatever it prints; nor does one that prints without end",
        arguments: ["exit 9", "while :; do echo 'GPU-1, T4, 1, 2, 3, 4'; done"]
    )
    func failing(script: String) async throws {
        try await withFolder { folder in
            try folder.writeTool("nvidia-smi", Self.line + "\n" + script)
            #expect(try await #require(folder.source).accelerators(host: "h") == nil)
        }
    }

    @Test("a tool that hangs is killed, with what it has started")
    func hanging() async throws {
        try await withFolder { folder in
            let pids = folder.url.appendingPathComponent("pids").path
            try folder.writeTool(
                "nvidia-smi",
                "trap '' TERM\n/bin/sleep 600 &\necho $$ $! > \(pids).new\n/bin/mv \(pids).new \(pids)\nwait"
            )
            let source = try #require(folder.source)
            // Killed when it runs for certain.
            let asking = Task { await source.accelerators(host: "h", within: .seconds(600)) }
            while !FileManager.default.fileExists(atPath: pids) { await Task.yield() }
            asking.cancel()
            #expect(await asking.value == nil)
            let numbers = try String(contentsOfFile: pids, encoding: .utf8).split { $0.isWhitespace }.compactMap {
                pid_t($0)
            }
            try #require(numbers.count == 2)
            for number in numbers { while kill(number, 0) == 0, !isZombie(number) { await Task.yield() } }
            #expect(await source.accelerators(host: "h", within: .milliseconds(50)) == nil)
        }
    }

    /// It has ended, and whoever is to be told hasn't looked.
    private func isZombie(_ number: pid_t) -> Bool {
        let state = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
        return state?.split(separator: ") ").last?.hasPrefix("Z") ?? true
    }

    @Test("looks become rarer while nobody says anything, and are as before when somebody does")
    func pauses() {
        var pause = AcceleratorPause()
        #expect(pause.after(success: true) == .seconds(10))
        #expect((1...6).map { _ in pause.after(success: false) } == [10, 20, 40, 80, 160, 300].map { .seconds($0) })
        #expect(pause.after(success: true) == .seconds(10))
        #expect(pause.after(success: false) == .seconds(10))
    }

    private struct Body: Service {
        let watch: AcceleratorWatch

        func run() async throws {
            while watch.current == nil { await Task.yield() }
        }
    }

    @Test("what was seen is there for all who ask, as long as the service runs")
    func watching() async throws {
        try await withFolder { folder in
            try folder.writeTool("nvidia-smi", Self.line)
            let watch = AcceleratorWatch(source: folder.source, host: "h", logger: Logger(label: "test"))
            #expect(watch.current == nil)
            try await watch.running(beside: Body(watch: watch)).run()
            #expect(watch.current?.map(\.name) == ["Tesla T4"])
        }
    }

    @Test("where there is nobody to ask, the service runs all the same")
    func unwatched() async throws {
        struct Short: Service { func run() async throws {} }
        let watch = AcceleratorWatch(source: nil, host: "h", logger: Logger(label: "test"))
        try await watch.running(beside: Short()).run()
        await watch.run()
        #expect(watch.current == nil)
    }
}
