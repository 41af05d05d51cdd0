import Foundation
import Logging
import RequestRecords
import Scheduling
import Synchronization
import TestLogs
import Testing

@testable import Usage

@Suite("Keeping usage", .timeLimit(.minutes(2)))
final class UsageStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "usage-\(UUID().uuidString)").path()
    private let lines = LogLines()
    private let now = Sample.midnight + 3600

    deinit {
        _ = chmod(folder, 0o755)
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var path: String { "\(folder)/usage.sqlite" }

    private func store(
        _ folder: String?,
        retention: Int = 400,
        at now: Int? = nil,
        onForeign: @escaping @Sendable (UsageStore.Charges) -> Void = { _ in }
    ) -> UsageStore {
        let now = now ?? self.now
        return UsageStore(
            folder: folder,
            retention: retention,
            now: { now },
            logger: lines.logger,
            onForeign: onForeign
        )
    }

    private func answer(_ store: UsageStore, _ by: String = "tenant", at now: Int? = nil) async throws -> UsageAnswer {
        let now = now ?? self.now
        let from = UsageTime.text(day: now / 86_400 - 300)
        return try await store.answer(UsageQuery(from: by == "hour" ? nil : from, to: nil, by: by, now: now))
    }

    private func requests(_ store: UsageStore) async throws -> Int {
        try await answer(store).total.requests
    }

    private static func batch(_ tenants: [String], at time: Int = Sample.midnight) -> UsageBatch {
        Sample.batch(tenants.map { Sample.ended(tenant: $0, model: "m", at: time) })
    }

    @Test("what was counted is told at once, and is there in the next life, added to what comes then")
    func twoLives() async throws {
        for life in 1...3 {
            let store = store(folder)
            store.open()
            store.add(Self.batch(["a", "a", "b"]))
            let answer = try await answer(store, "tenant,model")
            #expect(answer.storage == .disk)
            #expect(answer.rows.map(\.group.tenant) == ["a", "b"])
            #expect(answer.rows.map(\.counts.requests) == [2 * life, life])
            #expect(answer.total.tokensGenerated == 6 * life)
            store.finish()
        }
        #expect(lines.all.isEmpty)
    }

    @Test("a pipe in the place of the file is a trouble, and nothing waits for it")
    func pipe() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(mkfifo(path, 0o600) == 0)
        let store = store(folder)
        store.open()
        let answer = try await answer(store)
        #expect(answer.storage == .memory)
        #expect(answer.trouble?.contains("is no regular file") == true)
        store.finish()
    }

    @Test("a batch is written by itself, and neither before nor after that is anything told twice")
    func byItself() async throws {
        let store = store(folder)
        store.open()
        store.add(Self.batch(["a"]))
        while try rowsOnDisk() == 0 { #expect(try await requests(store) == 1) }
        for _ in 0..<100 {
            store.add(Self.batch(["a"]))
            #expect(try await requests(store) <= 101)
        }
        #expect(try await requests(store) == 101)
        store.finish()
    }

    private func rowsOnDisk() throws -> Int {
        try connection().number("SELECT COUNT(*) FROM usage") ?? 0
    }

    private func connection() throws -> SQLiteConnection {
        try SQLiteConnection(path, isReadOnly: false, patience: .seconds(2))
    }

    @Test("refusals are kept by their reasons, hours and days are told apart")
    func groups() async throws {
        let store = store(folder)
        store.open()
        var refused = Sample.begun(tenant: "a", model: nil)
        refused.ends(.refused(.queueFull), at: .init(nanoseconds: 1))
        store.add(Sample.batch([refused, refused]))
        store.add(Self.batch(["a"], at: Sample.midnight - 3600))
        store.finish()
        let next = self.store(folder)
        next.open()
        let hours = try await answer(next, "hour")
        #expect(hours.rows.map(\.counts.refused) == [0, 2] && hours.rows.map(\.counts.requests) == [1, 2])
        #expect(hours.total.refusals == ["queue_full": 2])
        #expect(try await answer(next, "day").rows.count == 2)
        next.finish()
    }

    @Test("without a folder it is kept in memory, and a line says so")
    func inMemory() async throws {
        let store = store(nil)
        store.open()
        #expect(lines.all.isEmpty)
        store.announce()
        store.announce()
        store.add(Self.batch(["a"]))
        #expect(try await answer(store).storage == .memory)
        #expect(try await answer(store).trouble == nil)
        #expect(try await requests(store) == 1)
        #expect(lines.all.count == 1 && lines.all[0].contains("in memory"))
        store.finish()
    }

    @Test("hours of more than a month ago become days, without a sum changing, and what is too old goes")
    func ages() async throws {
        let old = store(folder)
        old.open()
        let before = now - 40 * 86_400
        for hour in 0..<30 { old.add(Self.batch(["a", "b"], at: before + hour * 3600)) }
        old.add(Self.batch(["a"], at: now - 200 * 86_400))
        old.add(Self.batch(["a"]))
        old.finish()
        let store = store(folder, retention: 100)
        store.open()
        #expect(try await requests(store) == 62)
        await store.age()
        await store.age()
        #expect(try await requests(store) == 61)
        #expect(try rowsOnDisk() == 5)
        // What comes late is added to its day.
        store.add(Self.batch(["b"], at: before))
        store.finish()
        let later = self.store(folder, retention: 100)
        later.open()
        await later.age()
        #expect(try rowsOnDisk() == 5)
        #expect(try await requests(later) == 62)
        later.finish()
    }

    @Test(
        "a file that is no database, or not whole, is set aside with one line, and a new one begun",
        arguments: ["garbage", "torn", "torn while open"]
    )
    func damaged(how: String) async throws {
        let first = store(folder)
        first.open()
        first.add(Self.batch((0..<500).map { "tenant-\($0)" }))
        if how == "torn while open" {
            while try rowsOnDisk() == 0 {}
            try damage(how)
            _ = try? await requests(first)
            first.add(Self.batch(["a"]))
            #expect(try await requests(first) <= 2)
            first.finish()
        } else {
            first.finish()
            try damage(how)
        }
        let store = store(folder)
        store.open()
        store.add(Self.batch(["a"]))
        #expect(try await answer(store).storage == .disk)
        store.finish()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.filter { $0.hasPrefix("usage.sqlite.damaged-20261130T010000Z") }.count >= 1)
        #expect(lines.all.count == 1 && lines.all[0].contains("is set aside, and a new one begun"))
        let last = self.store(folder)
        last.open()
        #expect(try await requests(last) >= 1)
        last.finish()
    }

    @Test(
        "a file that is damaged under a running balancer is set aside when that is noticed, and what is new is kept in another"
    )
    func damagedWhileRunning() async throws {
        let store = store(folder)
        store.open()
        store.add(Self.batch((0..<500).map { "tenant-\($0)" }))
        while try rowsOnDisk() == 0 {}
        try damage("torn while open")
        store.add(Self.batch(["tenant-1", "b"]))
        await lines.next()
        #expect(lines.all.count == 1 && lines.all[0].contains("is damaged: it is set aside, and a new one begun"))
        let answer = try await answer(store)
        #expect(answer.total.requests == 2 && answer.storage == .disk && answer.trouble == nil)
        #expect(try rowsOnDisk() == 2)
        store.finish()
        #expect(try rowsOnDisk() == 2 && lines.all.count == 1)
    }

    @Test("after a stop there is the file alone, unless somebody else has it open")
    func alone() async throws {
        let (first, second) = (store(folder), store(folder))
        for store in [first, second] {
            store.open()
            store.add(Self.batch(["a"]))
            #expect(try await requests(store) >= 1)
        }
        first.finish()
        #expect(try await requests(second) == 2)
        second.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["usage.sqlite"])
        #expect(try rowsOnDisk() == 1)
    }

    private func damage(_ how: String) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? handle.close() }
        if how == "garbage" {
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(repeating: 7, count: 10_000))
        } else {
            if how == "torn while open" {
                try connection().run("PRAGMA wal_checkpoint(TRUNCATE)")
            }
            let size = try handle.seekToEnd()
            for page in stride(from: UInt64(4096), to: max(size, 8192), by: 4096) {
                try handle.seek(toOffset: page)
                try handle.write(contentsOf: Data(repeating: 0xFF, count: 4096))
            }
        }
    }

    @Test("a file of a newer version stays as it is, whoever looks, and usage is kept in memory")
    func newer() async throws {
        let first = store(folder)
        first.open()
        first.finish()
        try connection().run("PRAGMA user_version = 99")
        let before = try Data(contentsOf: URL(filePath: path))
        let store = store(folder)
        store.open()
        store.add(Self.batch(["a"]))
        let answer = try await answer(store)
        #expect(answer.total.requests == 1 && answer.storage == .memory)
        #expect(answer.trouble?.contains("newer paddler (version 99") == true)
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        #expect(lines.all.count == 1 && lines.all[0].contains("usage can't be saved"))
        store.finish()
        #expect(lines.all.count == 2 && lines.all[1].contains("is lost with this process"))
    }

    @Test("while another process has it locked usage waits in memory, and all of it is there afterwards")
    func locked() async throws {
        let store = store(folder)
        store.open()
        let other = try connection()
        try other.run("BEGIN EXCLUSIVE")
        store.add(Self.batch(["a", "b"]))
        await lines.next()
        #expect(lines.all[0].contains("is locked by another process"))
        store.add(Self.batch(["a"]))
        other.undo()
        let meanwhile = try await answer(store)
        #expect(meanwhile.total.requests == 3 && meanwhile.storage == .disk)
        #expect(meanwhile.trouble?.contains("is locked by another process") == true)
        await lines.next()
        #expect(lines.all[1].contains("usage is saved again"))
        #expect(try await requests(store) == 3)
        store.finish()
        let next = self.store(folder)
        next.open()
        #expect(try await requests(next) == 3)
        next.finish()
    }

    @Test("two balancers that write to one file at one time lose nothing of each other's")
    func two() async throws {
        let stores = [store(folder), store(folder)]
        await withTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask {
                    store.open()
                    for _ in 0..<200 { store.add(Self.batch(["a"])) }
                    store.finish()
                }
            }
        }
        let store = store(folder)
        store.open()
        #expect(try await requests(store) == 400)
        store.finish()
        #expect(lines.all.isEmpty)
    }

    @Test("a file that is moved away is noticed, and a new one begun")
    func moved() async throws {
        let store = store(folder)
        store.open()
        store.add(Self.batch(["a"]))
        while try rowsOnDisk() == 0 {}
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        store.add(Self.batch(["a"]))
        store.finish()
        #expect(lines.all.count == 1 && lines.all[0].contains("was moved away"))
        #expect(try rowsOnDisk() == 1)
    }

    @Test("a folder above which there is none is told of, and usage kept in memory")
    func noFolder() async throws {
        let store = store("/nonexistent/deeper/still")
        store.open()
        store.add(Self.batch(["a"]))
        #expect(try await requests(store) == 1)
        #expect(lines.all.count == 1 && lines.all[0].contains("the folder /nonexistent/deeper/still can't be made"))
        store.finish()
    }

    private static func charge(_ day: Int, _ tenant: String, _ tokens: Int) -> UsageBatch {
        var batch = UsageBatch()
        batch.charges = [UsageDay(day: day, tenant: tenant): tokens]
        return batch
    }

    @Test("the next life is told what was charged today, once, and not what was charged before or by itself")
    func charges() async throws {
        let today = now / 86_400
        for life in 0..<3 {
            let told = Mutex<[UsageStore.Charges]>([])
            let store = store(folder) { charges in told.withLock { $0.append(charges) } }
            store.open()
            #expect(told.withLock { $0.map(\.tokens) } == (life == 0 ? [] : [["a": 10 * life]]))
            #expect(told.withLock { $0.allSatisfy { $0.day == today } })
            store.add(Self.charge(today, "a", 10))
            store.add(Self.charge(today - 1, "b", 5))
            store.finish()
            #expect(told.withLock { $0.count } == min(life, 1))
        }
    }

    @Test("who takes over is told what the one before has charged while it stood by")
    func standby() async throws {
        let today = now / 86_400
        let told = Mutex<[String: Int]>([:])
        let (first, second) = (
            store(folder), store(folder) { charges in told.withLock { $0.merge(charges.tokens, uniquingKeysWith: +) } }
        )
        first.open()
        second.open()
        first.add(Self.charge(today, "a", 7))
        first.finish()
        #expect(told.withLock { $0.isEmpty })
        second.add(Self.charge(today, "a", 1))
        second.add(Self.charge(today, "b", 1))
        second.finish()
        #expect(told.withLock { $0 } == ["a": 7])
    }
}
