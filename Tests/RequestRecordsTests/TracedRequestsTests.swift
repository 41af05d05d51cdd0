import RequestRecords
import Scheduling
import Testing

@Suite("Requests that are to be traced")
struct TracedRequestsTests {
    private let parent = TraceParent(Array("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".utf8).span)
    private let unsampled = TraceParent(Array("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".utf8).span)

    private func requests(_ fraction: Double = 1, capacity: Int = 10) -> TracedRequests {
        TracedRequests(sampling: TraceSampling(fraction: fraction), capacity: capacity) { _ in 3 }
    }

    private func record(_ course: RequestCourse?, _ outcome: RequestOutcome = .answered) -> RequestRecord {
        var record = RequestRecord(.made(1, 2), time: 0, arrived: Instant(nanoseconds: 0))
        record.course = course
        record.ends(outcome, at: Instant(nanoseconds: 1))
        return record
    }

    @Test("who began a trace decides for all of it", arguments: [0, 1.0])
    func parentDecides(fraction: Double) {
        var random = SystemRandomNumberGenerator()
        let course = requests(fraction).begin(under: parent, using: &random)
        #expect(course?.trace == parent?.trace && course?.parent == parent?.span && course?.span != parent?.span)
        #expect(requests(fraction).begin(under: unsampled, using: &random) == nil)
    }

    @Test("of the others a fraction is traced, each as a trace of its own", arguments: [0, 0.25, 1.0])
    func fraction(fraction: Double) {
        var random = SystemRandomNumberGenerator()
        let requests = requests(fraction)
        let courses = (0..<10_000).compactMap { _ in requests.begin(under: nil, using: &random) }
        // Beyond six deviations of what is expected.
        #expect(abs(Double(courses.count) - 10_000 * fraction) <= 260 * (fraction == 0.25 ? 1 : 0))
        #expect(Set(courses.map(\.trace)).count == courses.count && Set(courses.map(\.span)).count == courses.count)
        #expect(courses.allSatisfy { $0.parent == nil })
    }

    @Test("what the balancer answers itself is of interest only to who asks for it")
    func ownAnswers() {
        var random = SystemRandomNumberGenerator()
        let requests = requests()
        requests.add(record(nil))
        requests.add(record(requests.begin(under: nil, using: &random), .answeredHere))
        #expect(requests.takeAll().isEmpty)
        requests.add(record(requests.begin(under: parent, using: &random), .answeredHere))
        requests.add(record(requests.begin(under: nil, using: &random), .refused(.noKey)))
        #expect(requests.takeAll().map(\.outcome) == [.answeredHere, .refused(.noKey)])
        #expect(requests.takeAll().isEmpty && requests.lost == 0)
    }

    @Test("the spans of requests that don't fit are lost, and counted")
    func bounded() {
        var random = SystemRandomNumberGenerator()
        let requests = requests(capacity: 2)
        for _ in 0..<5 { requests.add(record(requests.begin(under: nil, using: &random))) }
        #expect(requests.takeAll().count == 2 && requests.lost == 9)
        requests.lose(1)
        #expect(requests.lost == 10)
    }
}
