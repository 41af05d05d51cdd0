import ProxyExchange
import Scheduling
import Testing

@Suite("What of a client's bytes may be read and used, and how its connection ends")
struct ClientLinkTests {
    private let start = Instant(nanoseconds: 1_000_000_000)
    private let limits = ClientLink.Limits(idle: .seconds(75), head: .seconds(10), body: .seconds(30))

    @Test("what is pipelined behind a request waits until that is answered, and the client takes what is written to it")
    func pipelined() {
        var link = ClientLink(at: start)
        #expect(link.use(isWritable: true) == .head)
        link.exchanges()
        #expect(link.use(isWritable: true) == nil)
        #expect(link.takesBytes)
        link.isAnswered(at: start)
        #expect(link.use(isWritable: false) == nil)
        #expect(link.use(isWritable: true) == .head)
    }

    @Test("a body is used whether or not the client reads: it is owed no answer yet")
    func body() {
        var link = ClientLink(at: start)
        link.bodyGoesOn(at: start)
        #expect(link.use(isWritable: false) == .body)
        let readsBody = link.mayRead(unused: .max, isWritable: false)
        #expect(readsBody)
        let isOwed = link.readsOn()
        #expect(!isOwed)
    }

    @Test("64 KiB are read ahead; the rest waits in the kernel, and is read once there is room")
    func readAhead() {
        var link = ClientLink(at: start)
        link.exchanges()
        let readsThatMuch = link.mayRead(unused: 64 << 10, isWritable: true)
        #expect(readsThatMuch)
        let wasHeld = link.readsOn()
        #expect(!wasHeld)
        let readsMore = link.mayRead(unused: 64 << 10 + 1, isWritable: true)
        #expect(!readsMore)
        link.isAnswered(at: start)
        let readsOn = link.readsOn()
        #expect(readsOn)
        let readsOnAgain = link.readsOn()
        #expect(!readsOnAgain)
    }

    @Test("who doesn't read is read no further, however little it says")
    func unreadingClient() {
        var link = ClientLink(at: start)
        let readsUnread = link.mayRead(unused: 1 << 20, isWritable: false)
        #expect(!readsUnread)
        let readsTaken = link.mayRead(unused: 1 << 20, isWritable: true)
        #expect(readsTaken)
    }

    @Test("a client that shuts its sending side", arguments: [true, false])
    func halfClosed(isWritable: Bool) {
        // Between two requests, with nothing behind: it is over once the last answer is taken.
        var link = ClientLink(at: start)
        let betweenTwo = link.inputEnds(at: start)
        #expect(betweenTwo == .answerWhatIsThere)
        #expect(link.closeBehindLast(isWritable: isWritable) == (isWritable ? .closeWhenWritten : nil))
        // While its request is answered: it may wait for that, and is asked.
        link = ClientLink(at: start)
        link.exchanges()
        let whileAnswered = link.inputEnds(at: start)
        #expect(whileAnswered == .probe)
        #expect(link.closeBehindLast(isWritable: isWritable) == nil)
        #expect(!link.isUnheard(at: start + .seconds(4), for: .seconds(5)))
        #expect(link.isUnheard(at: start + .seconds(5), for: .seconds(5)))
        link.isAnswered(at: start)
        #expect(link.closeBehindLast(isWritable: isWritable) == (isWritable ? .closeWhenWritten : nil))
        // In the middle of a body, which nobody can end any more.
        link = ClientLink(at: start)
        link.bodyGoesOn(at: start)
        let inBody = link.inputEnds(at: start)
        #expect(inBody == .close)
    }

    @Test("a body that was pipelined by a client that sends nothing more comes to no end")
    func halfABodyLeft() {
        var link = ClientLink(at: start)
        link.exchanges()
        _ = link.inputEnds(at: start)
        link.isAnswered(at: start)
        link.bodyGoesOn(at: start)
        #expect(link.closeBehindLast(isWritable: true) == .close)
    }

    @Test("who sends on is never closed behind an answer")
    func goesOn() {
        var link = ClientLink(at: start)
        link.exchanges()
        link.isAnswered(at: start)
        #expect(link.closeBehindLast(isWritable: true) == nil)
        #expect(!link.isUnheard(at: start + .seconds(1000), for: .seconds(5)))
    }

    @Test("what still comes is thrown away once the last answer is written", arguments: [true, false])
    func ends(lingers: Bool) {
        var link = ClientLink(at: start)
        link.exchanges()
        link.ends(lingers: lingers)
        #expect(!link.takesBytes)
        #expect(link.use(isWritable: true) == nil)
        #expect(link.isFinishing(hasUnsent: false))
        let behindLast = link.inputEnds(at: start)
        #expect(behindLast == (lingers ? .closeUnlessUnsent : .nothing))
        #expect(link.closeBehindLast(isWritable: true) == nil)
        link.isClosed()
        let whenClosed = link.inputEnds(at: start)
        #expect(whenClosed == .nothing)
        #expect(!link.isFinishing(hasUnsent: false))
    }

    @Test("each limit counts from where it begins: the last answer, the first byte of a head, the last piece of a body")
    func eachLimit() {
        var link = ClientLink(at: start)
        #expect(link.overdue(at: start + .seconds(74), limits) == nil)
        #expect(link.overdue(at: start + .seconds(75), limits) == .request)
        let first = start + .seconds(70)
        link.headIsIncomplete(at: first)
        // Another piece is no new beginning.
        link.headIsIncomplete(at: first + .seconds(9))
        #expect(link.overdue(at: first + .seconds(9), limits) == nil)
        #expect(link.overdue(at: first + .seconds(10), limits) == .head)
        link.bodyGoesOn(at: first)
        link.bodyGoesOn(at: first + .seconds(29))
        #expect(link.overdue(at: first + .seconds(58), limits) == nil)
        #expect(link.overdue(at: first + .seconds(59), limits) == .body)
        link.exchanges()
        #expect(link.overdue(at: first + .seconds(10_000), limits) == nil)
    }

    @Test("the next request of who was answered a moment ago may be on its way")
    func mayAsk() {
        var link = ClientLink(at: start)
        #expect(link.mayAsk(since: start - .seconds(1)))
        #expect(!link.mayAsk(since: start))
        link.headIsIncomplete(at: start + .seconds(5))
        #expect(link.mayAsk(since: start + .seconds(4)))
        link.exchanges()
        #expect(!link.mayAsk(since: start))
    }
}
