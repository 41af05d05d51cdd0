import Dispatch
import Synchronization
import Testing

@testable import paddler

@Suite("Lines on their way to the log")
struct LogQueueTests {
    private func bytes(_ line: String) -> [UInt8] { Array(line.utf8) }

    @Test("lines come out in their order, and what doesn't fit is counted")
    func bounded() {
        var queue = LogQueue()
        let large = [UInt8](repeating: 0x78, count: LogQueue.mostBytes - 4)
        for line in [bytes("abc\n"), large, bytes("d\n"), bytes("e\n")] { queue.add(line) }
        #expect(queue.takeAll() == LogQueue.Batch(lines: [bytes("abc\n"), large], lost: 2))
        #expect(queue.takeAll() == nil)
        queue.add(bytes("f\n"))
        #expect(queue.takeAll() == LogQueue.Batch(lines: [bytes("f\n")], lost: 0))
    }

    @Test("a line that would fit behind lost ones is lost, too, so that it is known where lines are missing")
    func gap() {
        var queue = LogQueue()
        queue.add([UInt8](repeating: 0x78, count: LogQueue.mostBytes + 1))
        queue.add(bytes("a\n"))
        #expect(queue.takeAll() == LogQueue.Batch(lines: [], lost: 2))
    }

    @Test("whoever logs doesn't wait for the log's reader, and what was lost meanwhile is said where it is missing")
    func blocked() {
        let reader = DispatchSemaphore(value: 0)
        let written = Mutex<[String]>([])
        let writer = LogWriter { line in
            reader.wait()
            written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        writer.setNotice { "\($0) lost\n" }
        let line = String(repeating: "x", count: LogQueue.mostBytes / 4)
        for number in 0..<20 { writer.add("\(number) \(line)") }
        // Nobody has read a line, and all were taken.
        #expect(written.withLock { $0.isEmpty })
        for _ in 0..<40 { reader.signal() }
        writer.flush()
        let lines = written.withLock { $0 }
        #expect(lines.first?.hasPrefix("0 ") == true)
        #expect(lines.last == "\(20 - (lines.count - 1)) lost\n")
        #expect(lines.count < 20)
        writer.add("again")
        writer.flush()
        #expect(written.withLock { $0.last } == "again\n")
    }

    @Test("a process that ends doesn't wait for a reader that never comes")
    func flushIsBounded() {
        let reader = DispatchSemaphore(value: 0)
        let writer = LogWriter { _ in reader.wait() }
        writer.add("last words")
        writer.flush()
        reader.signal()
    }
}
