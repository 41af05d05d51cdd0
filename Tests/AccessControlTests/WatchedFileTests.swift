import Testing

@testable import AccessControl

@Suite("A file that others write while it is watched")
struct WatchedFileTests {
    private let old = Array("old\n".utf8)
    private let new = Array("new\n".utf8)
    private let half = Array("ne".utf8)

    @Test("new contents count when a second look finds them unchanged")
    func settles() {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        #expect(file.see(.contents(new), at: .seconds(1)) == .nothing)
        #expect(file.isSettling)
        #expect(file.see(.contents(new), at: .milliseconds(1100)) == .nothing)
        #expect(file.see(.contents(new), at: .milliseconds(1200)) == .take(new))
        #expect(!file.isSettling)
        #expect(file.see(.contents(new), at: .seconds(3)) == .nothing)
    }

    @Test("half a line that grows never counts")
    func growing() {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        #expect(file.see(.contents(half), at: .seconds(1)) == .nothing)
        #expect(file.see(.contents(half), at: .milliseconds(1900)) == .nothing)
        #expect(file.see(.contents(new), at: .milliseconds(2100)) == .nothing)
        #expect(file.see(.contents(new), at: .milliseconds(2300)) == .take(new))
    }

    @Test("a last line that never gets an end counts after a second")
    func unended() {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        #expect(file.see(.contents(half), at: .seconds(1)) == .nothing)
        #expect(file.see(.contents(half), at: .seconds(2)) == .take(half))
    }

    @Test(
        "while the file is missing or empty the last contents hold, which is said once",
        arguments: [WatchedFile.Look.unreadable("gone"), .contents([])]
    )
    func absent(look: WatchedFile.Look) {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        guard case .hold = file.see(look, at: .seconds(1)) else {
            Issue.record("nothing was said")
            return
        }
        #expect(file.see(look, at: .seconds(2)) == .nothing)
        #expect(file.contents == old)
        #expect(file.see(.contents(old), at: .seconds(3)) == .nothing)
        guard case .hold = file.see(look, at: .seconds(4)) else {
            Issue.record("nothing was said of the second time")
            return
        }
        #expect(file.see(.contents(new), at: .seconds(5)) == .nothing)
        #expect(file.see(.contents(new), at: .seconds(6)) == .take(new))
    }

    @Test("contents that were there for a moment only never count")
    func passing() {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        #expect(file.see(.contents(new), at: .seconds(1)) == .nothing)
        #expect(file.see(.contents(old), at: .seconds(2)) == .nothing)
        #expect(file.see(.contents(new), at: .seconds(3)) == .nothing)
        #expect(file.see(.unreadable("gone"), at: .seconds(4)) == .hold(reason: "gone"))
        #expect(file.see(.contents(new), at: .seconds(5)) == .nothing)
    }

    @Test("what an operator says is ready counts at once", arguments: ["ne", "new\n", ""])
    func obeys(text: String) {
        var file = WatchedFile(old, whenEmpty: "that says nothing")
        #expect(file.obey(.contents(Array(text.utf8))) == .take(Array(text.utf8)))
        #expect(file.obey(.unreadable("gone")) == .hold(reason: "gone"))
        #expect(file.obey(.unreadable("gone")) == .hold(reason: "gone"))
        #expect(file.contents == Array(text.utf8))
    }
}
