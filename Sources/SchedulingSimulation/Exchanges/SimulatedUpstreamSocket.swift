import HTTPFraming
import ProxyExchange
import Scheduling

/// A connection to a server, with the proxy's values for it at this end.
final class SimulatedUpstreamSocket {
    /// How the server's side was closed, when all that it had sent has been read.
    enum Close {
        case clean
        case reset
    }

    let server: Int
    var link = UpstreamLink()
    var relay = ResponseRelay()
    var head = ResponseHead()
    /// Received, and not yet used: a part of a head.
    var received: [UInt8] = []
    /// Whose request it carries.
    weak var client: SimulatedClient?
    /// Handed to the system.
    var isFlushed = true
    /// The proxy has closed it.
    var isClosed = false
    /// The proxy has said that it sends no more.
    var isShut = false
    /// Until when it is waited for the server's goodbye.
    var goodbyeLimit = Instant(nanoseconds: .max)

    /// Of the request, and how much of it the server has read.
    var request: (number: Int, length: Int, read: Int)?
    /// What the server has still to send, of which response, and which of it is on its way.
    var unsent: ArraySlice<UInt8> = []
    var response: SimulatedResponse?
    var onItsWay: [UInt8] = []
    var close: Close?

    init(to server: Int) {
        self.server = server
    }
}
