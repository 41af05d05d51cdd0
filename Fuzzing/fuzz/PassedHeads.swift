import HTTPFraming

/// A head that was accepted is written as the proxy writes it, and read again: it says the same, and nothing of this hop.
enum PassedHeads {
    private static let dropped: FieldSet = [.hopByHop, .transferEncoding, .trailer, .expect]

    static func run(_ input: [UInt8]) {
        var head = RequestHead()
        guard (try? head.parse(input.span)) == true else { return }
        guard head.length <= input.count else { finding("a head of \(head.length) bytes out of \(input.count)") }
        var target = Array(input[head.pathAndQuery])
        if head.path.isEmpty { target.insert(UInt8(ascii: "/"), at: 0) }
        // CONNECT goes nowhere.
        guard head.method != .connect else { return }
        var written = input[head.methodName] + [UInt8(ascii: " ")] + target + Array(" HTTP/1.1\r\n".utf8)
        if head.first(.host) == nil { written += Array("Host: localhost\r\n".utf8) }
        head.forEachKeptRange(dropping: dropped) { written += input[$0] }
        written += Array("\r\n".utf8)
        check(Array(written), against: head, of: input)
    }

    private static func check(_ written: [UInt8], against head: borrowing RequestHead, of input: [UInt8]) {
        // What is added may be the byte too many.
        var limits = HeadLimits()
        limits.maximumBytes += 100
        limits.maximumFields += 1
        var again = RequestHead(limits: limits)
        do {
            guard try again.parse(written.span) else { finding("what is passed on isn't whole") }
        } catch {
            finding("what is passed on is refused: \(error)")
        }
        guard again.length == written.count else {
            finding("what is passed on ends at \(again.length) of \(written.count)")
        }
        let isSame = head.body == .chunked ? again.body == .none : again.body == head.body
        guard isSame else { finding("the body was \(head.body) and became \(again.body)") }
        guard input[head.methodName] == written[again.methodName] else { finding("another method") }
        for line in again.fields {
            guard !dropped.contains(FieldSet(line.field)) else { finding("\(line.field) is passed on") }
        }
        guard let host = head.first(.host) else { return }
        guard let passed = again.first(.host), written[passed.value] == input[host.value] else {
            finding("another host")
        }
    }
}
