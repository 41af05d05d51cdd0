extension Metric {
    /// Under the names that Prometheus' own client libraries use. Those of the process are left out where the system
    /// doesn't tell.
    static let ofProcess: [Metric] = [
        .process(.gauge, "paddler_build_info", unit: .flag, labels: ["version"], "Always 1; says which paddler runs") {
            [MetricSample(1, $0.version)]
        },
        .process(
            .gauge,
            "paddler_tls_certificate_end_time_seconds",
            unit: .seconds,
            labels: ["listener", "file"],
            "When the certificate that a listener shows expires, in seconds since 1970"
        ) { reading in
            reading.certificates.map { MetricSample($0.end, $0.listener, $0.file) }
        },
        .process(
            .gauge,
            "process_start_time_seconds",
            unit: .seconds,
            "When the process was started, in seconds since 1970"
        ) {
            $0.process.map { [MetricSample(seconds: $0.startTime)] } ?? []
        },
        .process(.counter, "process_cpu_seconds_total", unit: .seconds, "Time on processors, in user and system mode") {
            $0.process.map { [MetricSample(seconds: $0.cpuSeconds)] } ?? []
        },
        .process(.gauge, "process_resident_memory_bytes", unit: .bytes, "Memory of the process that is in RAM") {
            $0.process.map { [MetricSample($0.residentBytes)] } ?? []
        },
        .process(.gauge, "process_open_fds", "Open file descriptors, sockets included") {
            $0.process.map { [MetricSample($0.openDescriptors)] } ?? []
        },
        .process(.gauge, "process_max_fds", "The most file descriptors that the process may have open") {
            $0.process.map { [MetricSample($0.maximumDescriptors)] } ?? []
        },
    ]
}
