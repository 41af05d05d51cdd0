// swift-tools-version: 6.2
import PackageDescription

var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// Only where somebody watches: a newer compiler's new warning must not keep a user from building.
if Context.environment["CI"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}

// For `Scripts/fuzz`. Here, because of several `--sanitize` the compiler hears only the last; and only our own code is to
// be covered, and to be fast: that of others is compiled for debugging, in a third of the time.
if Context.environment["FUZZING"] != nil {
    settings += [
        .unsafeFlags(["-sanitize=fuzzer,address"]),
        .unsafeFlags(["-O", "-disable-batch-mode", "-whole-module-optimization", "-num-threads", "1"]),
    ]
}

let package = Package(
    name: "paddler",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "paddler", targets: ["paddler"]),
        .executable(name: "paddler-agent", targets: ["paddler-agent"]),
        // For Benchmarks/functions.
        .library(name: "AgentProtocol", targets: ["AgentProtocol"]),
        .library(name: "HTTPFraming", targets: ["HTTPFraming"]),
        .library(name: "LlamaServer", targets: ["LlamaServer"]),
        .library(name: "Scheduling", targets: ["Scheduling"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        // Without its trait it needs nothing of Foundation.
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
    ],
    targets: [
        // What we know of llama-server, and nothing of us.
        .systemLibrary(name: "CByteMasks"),
        .target(name: "LlamaServer", dependencies: ["CByteMasks"], swiftSettings: settings),
        // What people are shown: of a text from elsewhere, and of an amount of memory.
        .target(name: "PrintableText", swiftSettings: settings),
        // Bytes in, ranges out.
        .target(name: "HTTPFraming", swiftSettings: settings),
        // Inputs in, decisions out.
        .target(
            name: "Scheduling",
            dependencies: ["LlamaServer", "PrintableText"],
            swiftSettings: settings
        ),
        // What agents and balancers say to each other.
        .target(name: "AgentProtocol", dependencies: ["LlamaServer"], swiftSettings: settings),
        // What an agent asks, says and waits for: values.
        .target(name: "AgentRules", dependencies: ["AgentProtocol", "LlamaServer"], swiftSettings: settings),
        // What a balancer makes of its agents' words: values.
        .target(
            name: "AgentReception",
            dependencies: ["AgentProtocol", "LlamaServer", "PrintableText", "Scheduling"],
            swiftSettings: settings
        ),
        // What is written in a file of keys: a value.
        .target(name: "KeyFileText", swiftSettings: settings),
        // Who is let in.
        .target(
            name: "AccessControl",
            dependencies: [
                "KeyFileText",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // What listeners show of themselves, and TLS in front of what they serve.
        .target(
            name: "TransportSecurity",
            dependencies: [
                "AccessControl", "LlamaServer", "NetworkFailures", "PrintableText",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        // HTTP/2 in front of what serves HTTP/1.1.
        .target(
            name: "HTTP2Front",
            dependencies: [
                "HTTPFraming",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            ],
            swiftSettings: settings
        ),
        // What Envoy and an endpoint picker say to each other.
        .target(
            name: "ExtProcMessages",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings
        ),
        // What an endpoint picker answers when: values.
        .target(
            name: "PickRules",
            dependencies: ["ExtProcMessages", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings
        ),
        // An endpoint picker for Envoy in front of what serves HTTP/1.1.
        .target(
            name: "EndpointPicking",
            dependencies: [
                "ExtProcMessages", "HTTP2Front", "PickRules",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
            ],
            swiftSettings: settings
        ),
        // Certificates for where nobody else vouches for anybody.
        .target(
            name: "LaboratoryAuthority",
            dependencies: [
                "AccessControl",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        // From names to addresses.
        .target(
            name: "NameResolution",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // What is measured, and the forms in which it is told.
        .target(
            name: "FleetMetrics",
            dependencies: [
                "LlamaServer", "NameResolution", "Scheduling",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // Why there is no connection, in words.
        .target(
            name: "NetworkFailures",
            dependencies: [
                "PrintableText",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        // What a proxy says in front of a connection's first byte.
        .target(name: "ProxyProtocol", dependencies: ["AccessControl"], swiftSettings: settings),
        // What became of each request, and the forms in which it is told.
        .target(
            name: "RequestRecords",
            dependencies: [
                "LlamaServer", "PrintableText", "Scheduling",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // What each tenant got, counted and kept.
        .target(
            name: "Usage",
            dependencies: [
                "AccessControl", "CSQLite", "LlamaServer", "PrintableText", "RequestRecords", "Scheduling",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // Spans of single requests, and their way to a collector.
        .target(
            name: "RequestTracing",
            dependencies: [
                "HTTPExchange", "LlamaServer", "RequestRecords", "Scheduling",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // The data plane.
        .target(
            name: "ReverseProxy",
            dependencies: [
                "AccessControl", "EndpointPicking", "ExtProcMessages", "FleetMetrics", "HTTP2Front", "HTTPFraming",
                "LlamaServer", "NameResolution", "NetworkFailures", "PickRules", "PrintableText", "ProxyExchange",
                "ProxyProtocol", "RequestRecords", "Scheduling",
                "TransportSecurity", "Usage",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        // A request's way and its response's, as values.
        .target(
            name: "ProxyExchange",
            dependencies: ["HTTPFraming", "LlamaServer", "Scheduling"],
            swiftSettings: settings
        ),
        // The control plane.
        .target(
            name: "Management",
            dependencies: [
                "AccessControl", "AgentProtocol", "AgentReception", "LlamaServer", "FleetMetrics", "RequestRecords",
                "Scheduling", "TransportSecurity", "Usage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [
                .embedInCode("Operators/openapi.json"),
                .embedInCode("Dashboard/Page/accelerators.js"),
                .embedInCode("Dashboard/Page/ask.js"),
                .embedInCode("Dashboard/Page/dashboard.css"),
                .embedInCode("Dashboard/Page/dashboard.html"),
                .embedInCode("Dashboard/Page/dashboard.js"),
                .embedInCode("Dashboard/Page/events.js"),
                .embedInCode("Dashboard/Page/history.js"),
                .embedInCode("Dashboard/Page/icon.svg"),
                .embedInCode("Dashboard/Page/link.js"),
                .embedInCode("Dashboard/Page/log.js"),
                .embedInCode("Dashboard/Page/models.js"),
                .embedInCode("Dashboard/Page/order.js"),
                .embedInCode("Dashboard/Page/plot.js"),
                .embedInCode("Dashboard/Page/requests.js"),
                .embedInCode("Dashboard/Page/rows.js"),
                .embedInCode("Dashboard/Page/servers.js"),
                .embedInCode("Dashboard/Page/slots.js"),
                .embedInCode("Dashboard/Page/tenants.js"),
                .embedInCode("Dashboard/Page/theme.js"),
                .embedInCode("Dashboard/Page/try.js"),
                .embedInCode("Dashboard/Page/words.js"),
            ],
            swiftSettings: settings
        ),
        // Both planes in one service group.
        .target(
            name: "Balancer",
            dependencies: [
                "AccessControl", "AgentProtocol", "AgentReception", "LlamaServer", "Management", "FleetMetrics",
                "RequestRecords", "RequestTracing", "ReverseProxy", "Scheduling", "TransportSecurity", "Usage",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // Watches one llama-server, over whatever transport.
        .target(
            name: "Agent",
            dependencies: [
                "AgentProtocol", "AgentRules", "LlamaServer", "PrintableText",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // The same over Foundation's URLSession: no SwiftNIO, so that it is there on Windows, too.
        .target(
            name: "URLSessionAgent",
            dependencies: [
                "Agent", "AgentProtocol", "KeyFileText", "LlamaServer", "PrintableText",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        // The agent over SwiftNIO, as a service.
        .target(
            name: "NIOAgent",
            dependencies: [
                "AccessControl", "Agent", "AgentProtocol", "AgentRules", "HTTPExchange", "LlamaServer",
                "NameResolution", "NetworkFailures", "PrintableText", "TransportSecurity",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        // When a server is started, stopped and given up: values.
        .target(name: "SupervisionRules", dependencies: ["PrintableText"], swiftSettings: settings),
        // Runs a server.
        .target(
            name: "Supervision",
            dependencies: [
                "SupervisionRules",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        // What the drivers of this machine's GPUs say of them.
        .target(
            name: "Accelerators",
            dependencies: [
                "AgentProtocol",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        // A request, bounded in time and size, and its failure in words.
        .target(
            name: "HTTPExchange",
            dependencies: [
                "NetworkFailures", "PrintableText", "TransportSecurity",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        // What the machine in the cloud says of itself.
        .target(name: "InstanceMetadata", dependencies: ["HTTPExchange", "LlamaServer"], swiftSettings: settings),
        // What operators ask of a running balancer.
        .target(
            name: "ManagementClient",
            dependencies: ["HTTPExchange", "LlamaServer", "PrintableText", "TransportSecurity"],
            swiftSettings: settings
        ),
        // The fleet on a terminal.
        .target(name: "TerminalDashboard", dependencies: ["ManagementClient"], swiftSettings: settings),
        .systemLibrary(name: "CNSS"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        // The version of the programs, and what signals come to that ask them to end.
        .target(name: "ProgramLife", swiftSettings: settings),
        // What both programs read of their settings' texts.
        .target(name: "SettingTexts", swiftSettings: settings),
        // The lines of a log, and how they get to standard error.
        .target(
            name: "LogLines",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        // Flags to services.
        .executableTarget(
            name: "paddler",
            dependencies: [
                "Accelerators", "AccessControl", "Agent", "AgentProtocol", "Balancer", "CYAML", "FleetMetrics",
                "HTTPExchange",
                "InstanceMetadata",
                "LaboratoryAuthority", "LlamaServer", "LogLines", "Management", "ManagementClient", "NIOAgent",
                "ProgramLife", "RequestRecords",
                "RequestTracing",
                "ReverseProxy", "Scheduling", "SettingTexts", "Supervision", "SupervisionRules", "TerminalDashboard",
                "TransportSecurity",
                .target(name: "CNSS", condition: .when(platforms: [.linux])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // The same for the agent over URLSession.
        .executableTarget(
            name: "paddler-agent",
            dependencies: [
                "Agent", "LlamaServer", "LogLines", "ProgramLife", "SettingTexts", "URLSessionAgent",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),

        // For tests and benchmarks; never linked into the product.
        .executableTarget(
            name: "FakeLlamaServer",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "StubHTTPServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(name: "LoopbackPorts", swiftSettings: settings),
        .target(
            name: "TestLogs",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .target(name: "SeededRandom", swiftSettings: settings),
        .target(
            name: "TestCertificates",
            dependencies: [
                "AccessControl", "TransportSecurity",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        .target(name: "FramingCorpus", swiftSettings: settings),
        .executableTarget(name: "framing-corpus", dependencies: ["FramingCorpus"], swiftSettings: settings),
        .target(
            name: "SchedulingSimulation",
            dependencies: [
                "AgentProtocol", "AgentReception", "AgentRules", "ExtProcMessages", "HTTPFraming", "LlamaServer",
                "PickRules", "ProxyExchange", "Scheduling", "SeededRandom",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "SchedulingSimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "measure-scheduler",
            dependencies: [
                "LlamaServer", "Scheduling",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "measure-placement",
            dependencies: [
                "LlamaServer", "Scheduling", "SeededRandom",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "measure-agents",
            dependencies: [
                "AgentProtocol", "AgentRules", "LlamaServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "measure-balancers",
            dependencies: [
                "SchedulingSimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "measure-prompt-cache",
            dependencies: [
                "LlamaServer", "Scheduling", "SeededRandom",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        .testTarget(
            name: "AccessControlTests",
            dependencies: [
                "AccessControl", "KeyFileText", "SeededRandom",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FleetMetricsTests",
            dependencies: [
                "LlamaServer", "FleetMetrics", "Scheduling",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Expected"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LaboratoryAuthorityTests",
            dependencies: [
                "LaboratoryAuthority",
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTP2FrontTests",
            dependencies: [
                "HTTP2Front", "HTTPFraming", "SeededRandom",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ExtProcMessagesTests",
            dependencies: [
                "ExtProcMessages", "SeededRandom", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PickRulesTests",
            dependencies: ["ExtProcMessages", "PickRules", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TransportSecurityTests",
            dependencies: [
                "AccessControl", "TestCertificates", "TransportSecurity",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProxyProtocolTests",
            dependencies: ["AccessControl", "ProxyProtocol"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "NameResolutionTests",
            dependencies: [
                "NameResolution",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RequestRecordsTests",
            dependencies: [
                "LlamaServer", "RequestRecords", "Scheduling", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UsageTests",
            dependencies: [
                "LlamaServer", "RequestRecords", "Scheduling", "TestLogs", "Usage",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RequestTracingTests",
            dependencies: [
                "LlamaServer", "RequestRecords", "RequestTracing", "Scheduling", "StubHTTPServer", "TestLogs",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "LlamaServerTests", dependencies: ["LlamaServer", "SeededRandom"], swiftSettings: settings),
        .testTarget(
            name: "HTTPFramingTests",
            dependencies: [
                "HTTPFraming", "SeededRandom",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SchedulingTests",
            dependencies: ["LlamaServer", "Scheduling", "SchedulingSimulation", "SeededRandom"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProxyExchangeTests",
            dependencies: ["HTTPFraming", "LlamaServer", "ProxyExchange", "Scheduling"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReverseProxyTests",
            dependencies: [
                "AccessControl", "FleetMetrics", "FramingCorpus", "HTTP2Front", "HTTPFraming", "LlamaServer",
                "LoopbackPorts", "NameResolution", "NetworkFailures", "ProxyExchange", "RequestRecords", "ReverseProxy",
                "Scheduling", "SeededRandom", "TestCertificates", "TransportSecurity", "Usage",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AgentProtocolTests",
            dependencies: ["AgentProtocol", "LlamaServer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "AgentProtocol", "AgentRules", "LlamaServer", "LoopbackPorts", "NIOAgent", "SeededRandom",
                "URLSessionAgent",
                "TestCertificates",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AcceleratorsTests",
            dependencies: [
                "Accelerators", "AgentProtocol", "SeededRandom",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SupervisionTests",
            dependencies: [
                "LoopbackPorts", "PrintableText", "Supervision", "SupervisionRules",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ManagementTests",
            dependencies: [
                "AccessControl", "AgentProtocol", "AgentReception", "FleetMetrics", "LlamaServer", "Management",
                "RequestRecords", "Scheduling", "SeededRandom", "TestCertificates", "TransportSecurity", "Usage",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InstanceMetadataTests",
            dependencies: ["HTTPExchange", "InstanceMetadata", "StubHTTPServer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ManagementClientTests",
            dependencies: ["LlamaServer", "ManagementClient", "StubHTTPServer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TerminalDashboardTests",
            dependencies: ["ManagementClient", "TerminalDashboard"],
            exclude: ["Expected"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "AccessControl", "Agent", "Balancer", "FleetMetrics", "LlamaServer", "LogLines", "Management",
                "ProgramLife", "RequestRecords",
                "RequestTracing", "Scheduling", "SeededRandom", "StubHTTPServer", "Supervision", "SupervisionRules",
                "paddler", "paddler-agent",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "AgentProtocol", "Balancer", "FakeLlamaServer", "FleetMetrics", "LlamaServer", "LoopbackPorts",
                "SeededRandom",
                "StubHTTPServer", "TestCertificates", "measure-agents", "paddler", "paddler-agent",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Clients"],
            swiftSettings: settings
        ),
    ]
)

// Only when asked for, by `Scripts/fuzz`: they need libFuzzer, and everything that they call must be built for it.
if Context.environment["FUZZING"] != nil {
    package.targets += [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "AccessControl", "AgentProtocol", "ExtProcMessages", "HTTPFraming", "LlamaServer", "PickRules",
                "ProxyExchange",
                "ProxyProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Fuzzing/fuzz",
            swiftSettings: settings
        )
    ]
}

// SwiftNIO isn't there on Windows, and so neither is anything that stands on it: there is the agent over URLSession.
// `AGENT_ALONE` has the same package elsewhere, to see that nothing else is needed.
#if os(Windows)
    let isAgentAlone = true
#else
    let isAgentAlone = Context.environment["AGENT_ALONE"] != nil
#endif
if isAgentAlone {
    let targets = [
        "Agent", "AgentProtocol", "AgentRules", "CByteMasks", "KeyFileText", "LlamaServer", "LogLines", "PrintableText",
        "ProgramLife", "SettingTexts", "URLSessionAgent", "paddler-agent",
    ]
    let dependencies = ["swift-argument-parser", "swift-log"]
    package.products.removeAll { $0.name != "paddler-agent" }
    package.targets.removeAll { !targets.contains($0.name) }
    package.dependencies.removeAll { dependency in
        guard case .sourceControl(_, let location, _) = dependency.kind else { return true }
        return !dependencies.contains { location.hasSuffix("/\($0).git") }
    }
}
