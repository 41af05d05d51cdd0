import Scheduling

extension Metric {
    /// Of GPUs, each once however many agents report it. StatsD's servers learn of machines elsewhere.
    static let ofAccelerators: [Metric] = [
        .process(
            .gauge,
            "paddler_accelerator_memory_bytes",
            unit: .bytes,
            labels: AcceleratorReading.labelNames + ["kind"],
            "Memory of a GPU: what is used, by whomever, and all that it has"
        ) { reading in
            reading.accelerators.flatMap { one in
                [("used", one.accelerator.memoryUsed), ("total", one.accelerator.memoryTotal)].compactMap {
                    kind,
                    bytes in
                    bytes.map { MetricSample(.integer($0), labels: one.labels + [kind]) }
                }
            }
        },
        .accelerator(
            "paddler_accelerator_utilization_ratio",
            unit: .ratio,
            "The part of the last moments in which a GPU worked",
            \.utilization
        ),
        .accelerator("paddler_accelerator_temperature_celsius", unit: .celsius, "How hot a GPU is", \.celsius),
    ]

    private static func accelerator(
        _ name: String,
        unit: Unit,
        _ help: String,
        _ value: @escaping @Sendable (Accelerator) -> Double?
    ) -> Metric {
        .process(.gauge, name, unit: unit, labels: AcceleratorReading.labelNames, help) { reading in
            reading.accelerators.compactMap { one in
                value(one.accelerator).map { MetricSample(.real($0), labels: one.labels) }
            }
        }
    }
}
