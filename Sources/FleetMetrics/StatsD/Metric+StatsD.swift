extension Metric {
    /// What StatsD calls it, after the prefix and its dot: Prometheus' name without what says nothing there. Label
    /// values follow, each after a dot, and for histograms one of ``StatsDReport/Statistic``.
    ///
    /// nil: it isn't sent, because there is no such number of the whole fleet.
    public var statsDName: String? {
        guard fleetSamples != nil else { return nil }
        var name = name[...]
        for prefix in ["paddler_", "upstream_"] where name.hasPrefix(prefix) { name = name.dropFirst(prefix.count) }
        // Times are milliseconds there.
        let suffixes = kind == .histogram ? ["_seconds"] : ["_total"]
        for suffix in suffixes where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
        return String(name)
    }
}
