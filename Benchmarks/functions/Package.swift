// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "functions",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "paddler", path: "../.."),
        // Without its traits, which need more of the machine than a compiler.
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Functions",
            dependencies: [
                .product(name: "AgentProtocol", package: "paddler"),
                .product(name: "HTTPFraming", package: "paddler"),
                .product(name: "LlamaServer", package: "paddler"),
                .product(name: "Scheduling", package: "paddler"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Functions",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ]
)
