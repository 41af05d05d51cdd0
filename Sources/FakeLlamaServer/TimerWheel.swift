import NIOCore

/// All timers of one event loop in one timer: thousands of streams cost an array's append per token, not a scheduled
/// task each. Resolution: 1 ms. Belongs to its event loop.
final class TimerWheel {
    private struct Entry {
        let exchange: Exchange
        let tick: Int64
    }

    private static let tickNanoseconds: Int64 = 1_000_000
    private static let size = 1024

    private let loop: any EventLoop
    private var buckets: [[Entry]] = Array(repeating: [], count: TimerWheel.size)
    private var count = 0
    /// All ticks up to this one have fired.
    private var lastTick: Int64 = 0
    /// The tick for which the loop wakes us.
    private var wakeTick = Int64.max
    private var due: [Entry] = []

    init(loop: any EventLoop) {
        self.loop = loop
    }

    static func now() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    /// Calls the exchange's `fire()` once `deadline` (monotonic nanoseconds) has passed.
    func schedule(_ exchange: Exchange, at deadline: Int64) {
        if count == 0 { lastTick = Self.now() / Self.tickNanoseconds }
        let tick = max(lastTick + 1, (deadline + Self.tickNanoseconds - 1) / Self.tickNanoseconds)
        buckets[Self.bucket(tick)].append(Entry(exchange: exchange, tick: tick))
        count += 1
        wake(at: tick)
    }

    private static func bucket(_ tick: Int64) -> Int { Int(tick & Int64(size - 1)) }

    private func wake(at tick: Int64) {
        guard tick < wakeTick else { return }
        wakeTick = tick
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(tick * Self.tickNanoseconds))
        loop.assumeIsolated().scheduleTask(deadline: deadline) { self.advance(expected: tick) }
    }

    private func advance(expected: Int64) {
        // An earlier wake-up may have overtaken this one.
        guard expected == wakeTick else { return }
        wakeTick = Int64.max
        let now = Self.now() / Self.tickNanoseconds
        let first = max(lastTick + 1, now - Int64(Self.size) + 1)
        lastTick = now
        for tick in stride(from: first, through: now, by: 1) { collect(Self.bucket(tick), now: now) }
        var fired: [Entry] = []
        swap(&fired, &due)
        for entry in fired { entry.exchange.fire() }
        // Hands the memory back, so that a steady load allocates none.
        if due.isEmpty {
            fired.removeAll(keepingCapacity: true)
            swap(&fired, &due)
        }
        guard count > 0, let next = nextOccupied() else { return }
        wake(at: next)
    }

    private func collect(_ bucket: Int, now: Int64) {
        guard !buckets[bucket].isEmpty else { return }
        var kept: [Entry] = []
        for entry in buckets[bucket] {
            if entry.tick <= now { due.append(entry) } else { kept.append(entry) }
        }
        count -= buckets[bucket].count - kept.count
        if kept.isEmpty { buckets[bucket].removeAll(keepingCapacity: true) } else { buckets[bucket] = kept }
    }

    /// The next tick whose bucket holds anything: possibly only entries of a later turn of the wheel.
    private func nextOccupied() -> Int64? {
        for tick in (lastTick + 1)...(lastTick + Int64(Self.size)) where !buckets[Self.bucket(tick)].isEmpty {
            return tick
        }
        return nil
    }
}
