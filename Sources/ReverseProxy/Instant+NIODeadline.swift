import NIOCore
import Scheduling

extension Instant {
    init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(deadline.uptimeNanoseconds))
    }

    var deadline: NIODeadline { .uptimeNanoseconds(UInt64(clamping: nanoseconds)) }
}
