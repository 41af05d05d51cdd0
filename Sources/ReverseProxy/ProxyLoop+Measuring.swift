import FleetMetrics
import NIOCore
import RequestRecords
import Scheduling
import Usage

// What one event loop tells of itself.

extension ProxyLoop {
    /// All that this loop has counted.
    func measured() -> ProxyMetrics {
        var measured = metrics
        measured.clientsConnected = clients.count - streams + fronts.count
        measured.envoysConnected = pickers.count
        for pool in pools.values {
            measured.upstreams[pool.route.address, default: UpstreamMetrics()].add(pool.metrics)
        }
        return measured
    }

    /// What each tenant has under way here.
    func standings() -> TenantStandings {
        let now = Instant(.now())
        var standings = TenantStandings()
        for client in clients.values { client.stand(in: &standings, at: now) }
        unreturned.stand(in: &standings)
        return standings
    }

    /// What is under way here, and what ended last.
    func list(into listing: inout RequestListing) {
        let now = Instant(.now())
        var running: [RequestRecord] = []
        for client in clients.values where running.count < RequestListing.mostRunning {
            if let record = client.recordUnderWay(at: now) { running.append(record) }
        }
        listing.add(running: running, of: activeRequests, ended: recent.newestFirst)
    }
}
