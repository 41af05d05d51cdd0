import Dispatch
import Testing

@testable import LogLines
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
    func blocked() async {
        let reader = DispatchSemaphore(value: 0)
        let (written, feed) = AsyncStream.makeStream(of: String.self)
        let writer = LogWriter { line in
            reader.wait()
            feed.yield(String(decoding: line, as: UTF8.self))
        }
        writer.setNotice { "\($0) lost\n" }
        let line = String(repeating: "x", count: LogQueue.mostBytes / 4)
        // Nobody has read a line, and all are taken.
        for number in 0..<20 { writer.add("\(number) \(line)") }
        for _ in 0..<40 { reader.signal() }
        var lines = written.makeAsyncIterator()
        var kept = 0
        var last = await lines.next()
        #expect(last?.hasPrefix("0 ") == true)
        while let line = last, !line.hasSuffix(" lost\n") {
            kept += 1
            last = await lines.next()
        }
        #expect(last == "\(20 - kept) lost\n")
        #expect(kept < 20)
        writer.add("again")
        #expect(await lines.next() == "again\n")
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
