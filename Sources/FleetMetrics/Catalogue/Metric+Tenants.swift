extension Metric {
    /// Of each tenant, where there are any.
    static let ofTenants: [Metric] = [
        .tenant(.gauge, "paddler_tenant_slots_processing", "Slots that requests of the tenant have") {
            [MetricSample($0.slots)]
        },
        .tenant(.gauge, "paddler_tenant_requests_buffered", "Requests of the tenant that wait for a slot") {
            [MetricSample($0.waiting)]
        },
        .tenant(
            .counter,
            "paddler_tenant_requests_total",
            "Requests of the tenant that ended, whichever way, for endpoints that occupy a slot"
        ) { [MetricSample($0.requests)] },
        .tenant(
            .counter,
            "paddler_tenant_requests_refused_total",
            labels: ["reason"],
            "Those among them that the balancer refused"
        ) { tenant in tenant.refusals.sorted { $0.key < $1.key }.map { MetricSample($0.value, $0.key) } },
        .tenant(
            .counter,
            "paddler_tenant_tokens_total",
            labels: ["kind"],
            "Tokens of the tenant: of prompts that were computed, of prompts found in a cache, and generated ones"
        ) {
            [
                MetricSample($0.tokens.promptComputed, "prompt_computed"),
                MetricSample($0.tokens.promptCached, "prompt_cached"),
                MetricSample($0.tokens.generated, "generated"),
            ]
        },
        .tenant(
            .counter,
            "paddler_tenant_slot_seconds_total",
            unit: .seconds,
            "How long requests of the tenant had slots, those together that had some at one time"
        ) { [MetricSample(seconds: $0.slotTime)] },
        .tenant(
            .counter,
            "paddler_tenant_wait_seconds_total",
            unit: .seconds,
            "How long requests of the tenant waited for a slot, all together"
        ) { [MetricSample(seconds: $0.waited)] },
    ]

    private static func tenant(
        _ kind: Kind,
        _ name: String,
        unit: Unit = .count,
        labels: [String] = [],
        _ help: String,
        _ samples: @escaping @Sendable (TenantReading) -> [MetricSample]
    ) -> Metric {
        .fleet(kind, name, unit: unit, labels: TenantReading.labelNames + labels, help) { reading in
            reading.tenants.flatMap { tenant in
                samples(tenant).map { MetricSample($0.value, labels: [tenant.label] + $0.labels) }
            }
        }
    }
}
