import AgentProtocol
import SeededRandom
import Testing

@testable import Accelerators

@Suite("What tools print of GPUs")
struct ListingTests {
    private func nvidia(_ output: String) -> [Accelerator] { NVIDIAListing.accelerators(in: output, host: "h") }

    private func rocm(_ output: String) -> [Accelerator] { ROCmListing.accelerators(in: output, host: "h") }

    @Test("nvidia-smi: a line for each GPU, in MiB, percent and degrees")
    func several() {
        let output = """
            GPU-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809, NVIDIA GeForce RTX 3090, 20480, 24576, 83, 64
            GPU-99aabbcc-0011-2233-4455-66778899aabb, NVIDIA A100-SXM4-80GB, 4, 81920, 0, 31

            """
        #expect(
            nvidia(output) == [
                Accelerator(
                    id: "GPU-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809",
                    host: "h",
                    name: "NVIDIA GeForce RTX 3090",
                    memoryUsedBytes: 20480 << 20,
                    memoryTotalBytes: 24576 << 20,
                    utilization: 0.83,
                    celsius: 64
                ),
                Accelerator(
                    id: "GPU-99aabbcc-0011-2233-4455-66778899aabb",
                    host: "h",
                    name: "NVIDIA A100-SXM4-80GB",
                    memoryUsedBytes: 4 << 20,
                    memoryTotalBytes: 81920 << 20,
                    utilization: 0,
                    celsius: 31
                ),
            ]
        )
    }

    @Test(
        "nvidia-smi: what a GPU doesn't say is nil, the rest counts",
        arguments: [
            // In parts (MIG), with memory that is the machine's, and one that has failed.
            ("GPU-1, NVIDIA A100-SXM4-40GB, 1024, 40960, [N/A], 40", 40960 << 20, nil, 40.0),
            ("GPU-1, NVIDIA GB10, [N/A], [N/A], 12, 51", nil, 0.12, 51),
            ("GPU-1, Tesla K80, 0, 11441, [Not Supported], [Unknown Error]", 11441 << 20, nil, nil),
            ("GPU-1, GRID, vGPU, 1024, 2048, [GPU is lost], ERR!", 2048 << 20, nil, nil),
            ("GPU-1, Tesla T4, 1024, 15360, 5, 45,5", 15360 << 20, 0.05, nil),
            ("GPU-1, Tesla T4, -1, 99999999999999999999, 5, 45", nil, 0.05, 45),
        ] as [(String, Int?, Double?, Double?)]
    )
    func partly(line: String, total: Int?, utilization: Double?, celsius: Double?) throws {
        let found = nvidia(line + "\r\n")
        try #require(found.count == 1)
        #expect(found[0].memoryTotalBytes == total)
        #expect(found[0].utilization == utilization)
        #expect(found[0].celsius == celsius)
    }

    @Test("nvidia-smi: a name may have commas in it")
    func commas() {
        #expect(nvidia("GPU-1, GRID, 4Q, 1, 2, 3, 4").map(\.name) == ["GRID, 4Q"])
    }

    @Test(
        "complaints are no GPUs",
        arguments: [
            "", "\n", "No devices were found\n",
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n",
            "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n",
            "Unable to determine the device handle for GPU0000:01:00.0: Unknown Error\n",
            "GPU-1, cut", "Kein Gerät gefunden, 1, 2, 3, 4, 5", "\u{1}\u{2}, , , , , ", "{", "{}", "[1]",
            #"{"system": {"Driver version": "6.8.5"}}"#, #"{"card0": 7}"#, "ERROR: GPU[0]: not found",
        ]
    )
    func garbage(output: String) {
        #expect(nvidia(output).isEmpty)
        #expect(rocm(output).isEmpty)
    }

    @Test("rocm-smi: behind warnings, numbers as strings, in the keys of different versions")
    func cards() {
        let output = """
            WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status

            {"card1": {"GPU use (%)": "N/A", "Temperature (Sensor edge) (C)": "35.0", "VRAM Total Memory (B)": "1000", \
            "VRAM Total Used Memory (B)": "N/A", "Card series": "N/A", "Card model": "0x744c"}, \
            "card0": {"Unique ID": "0x9b3f6c2a11d0", "GPU use (%)": "7", "Temperature (Sensor edge) (C)": "41.0", \
            "Temperature (Sensor junction) (C)": "46.5", "VRAM Total Memory (B)": "25753026560", \
            "VRAM Total Used Memory (B)": 1325060096, "Card Series": "AMD Radeon RX 7900 XTX", "Card Model": "0x744c"}, \
            "system": {"Driver version": "6.8.5"}}
            """
        #expect(
            rocm(output) == [
                Accelerator(
                    id: "0x9b3f6c2a11d0",
                    host: "h",
                    name: "AMD Radeon RX 7900 XTX",
                    memoryUsedBytes: 1_325_060_096,
                    memoryTotalBytes: 25_753_026_560,
                    utilization: 0.07,
                    celsius: 46.5
                ),
                Accelerator(id: "h/card1", host: "h", name: "0x744c", memoryTotalBytes: 1000, celsius: 35),
            ]
        )
    }

    @Test("whatever a tool prints, what is made of it can be said", arguments: 0..<200)
    func damaged(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("0123456789.,-+eE[]{}\":NA/nif \n\u{1}".utf8)
        for output in [
            "GPU-1a2b, NVIDIA GeForce RTX 3090, 20480, 24576, 83, 64\nGPU-2, NVIDIA A100, 4, 81920, [N/A], 31\n",
            #"{"card0": {"Unique ID": "0x1", "GPU use (%)": "7", "VRAM Total Memory (B)": 25753026560, "Card Series": "A"}}"#,
        ] {
            for _ in 0..<20 {
                var bytes = Array(output.utf8)
                random.damage(&bytes, mostChanges: 8, alphabet: alphabet)
                let text = String(decoding: bytes, as: UTF8.self)
                let found = nvidia(text) + rocm(text)
                let report = StatusReport(sentAtMilliseconds: 1, condition: .ready, accelerators: found).fitted()
                _ = try report.validated()
                #expect(try !encodeLine(.report(report)).isEmpty)
            }
        }
    }
}
