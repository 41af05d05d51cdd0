import RequestRecords

/// `GET /api/v1/tenants`: who uses the fleet now, and who waits for it.
struct TenantsReply: Codable, Equatable {
    /// Who has most slots first, of these who waits most.
    let tenants: [Tenant]

    init(_ standings: TenantStandings) {
        tenants = standings.standings.map(Tenant.init).sorted {
            ($1.slots, $1.waiting, $0.tenant ?? "") < ($0.slots, $0.waiting, $1.tenant ?? "")
        }
    }

    struct Tenant: Codable, Equatable {
        /// Null: those who are nobody in particular.
        @NullWhenNil var tenant: String?
        /// Slots that its requests have.
        let slots: Int
        /// Requests that wait for some.
        let waiting: Int
        let longestWaitSeconds: Double

        init(_ name: String, _ standing: TenantStandings.Standing) {
            tenant = name.isEmpty ? nil : name
            slots = standing.slots
            waiting = standing.waiting
            longestWaitSeconds = Double(standing.longestWait) / 1e9
        }

        enum CodingKeys: String, CodingKey {
            case tenant, slots, waiting
            case longestWaitSeconds = "longest_wait_seconds"
        }
    }
}
