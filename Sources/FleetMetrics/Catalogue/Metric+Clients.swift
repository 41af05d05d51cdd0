extension Metric {
    static let ofClients: [Metric] = [
        .fleet(.gauge, "paddler_clients_connected", "Connections of clients that are open") {
            [MetricSample($0.proxy.clientsConnected)]
        },
        .fleet(.counter, "paddler_clients_accepted_total", "Connections of clients that were accepted") {
            [MetricSample($0.proxy.clientsAccepted)]
        },
        .fleet(
            .counter,
            "paddler_clients_refused_total",
            "Connections of clients that were turned away: as many as --max-connections allows were open"
        ) {
            [MetricSample($0.proxy.clientsRefused)]
        },
        .fleet(
            .counter,
            "paddler_tls_handshakes_total",
            labels: ["result"],
            "TLS handshakes of clients, where the reverse proxy speaks TLS"
        ) { reading in
            TLSHandshakeResult.allCases.map { MetricSample(reading.proxy.handshakes[$0] ?? 0, $0.rawValue) }
        },
        .fleet(.counter, "paddler_http2_connections_total", "Connections on which clients spoke HTTP/2") {
            [MetricSample($0.proxy.http2Connections)]
        },
        .fleet(
            .counter,
            "paddler_http2_connections_broken_total",
            "Connections of HTTP/2 that were ended because their clients broke its rules or went beyond a limit"
        ) {
            [MetricSample($0.proxy.http2ConnectionsBroken)]
        },
        .fleet(.gauge, "paddler_picker_connections", "Connections of Envoys to the endpoint picker that are open") {
            [MetricSample($0.proxy.envoysConnected)]
        },
        .fleet(.counter, "paddler_picks_total", "How often an Envoy was told where an attempt at a request goes") {
            [MetricSample($0.proxy.picks)]
        },
        .fleet(
            .counter,
            "paddler_picks_failed_total",
            "Attempts of these that failed before the first byte of an answer, by Envoy's word"
        ) {
            [MetricSample($0.proxy.picksFailed)]
        },
        .fleet(.counter, "paddler_client_received_bytes_total", unit: .bytes, "Bytes that came from clients") {
            [MetricSample($0.proxy.bytesFromClients)]
        },
        .fleet(.counter, "paddler_client_sent_bytes_total", unit: .bytes, "Bytes that were sent to clients") {
            [MetricSample($0.proxy.bytesToClients)]
        },
        .fleet(
            .counter,
            "paddler_timeouts_total",
            labels: ["wait"],
            "What the balancer waited for until it gave up; waits in the queue are among the requests rejected"
        ) { reading in
            Wait.allCases.map { MetricSample(reading.proxy.timeouts[$0] ?? 0, $0.rawValue) }
        },
        .fleet(
            .counter,
            "paddler_keepalive_comments_total",
            "Comments sent to clients whose stream was silent for --keepalive-after"
        ) {
            [MetricSample($0.proxy.keepAlives)]
        },
        .fleet(
            .counter,
            "paddler_management_refusals_total",
            labels: ["reason"],
            "What the management listener refused: wrong tokens, agents without one, certificates that nobody vouches for, other sites' pages, connections that asked for nothing"
        ) { reading in
            ManagementRefusals.Reason.allCases.map { MetricSample(reading.refusals[$0] ?? 0, $0.rawValue) }
        },
    ]
}
