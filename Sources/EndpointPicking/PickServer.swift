package import NIOCore
package import PickRules

/// What serves HTTP/1.1 behind a stream on which Envoy asks where a request goes. A request may outlive the stream: when its attempt
/// fails, the next one comes on another.
package protocol PickServer: AnyObject {
    /// The stream carries it: the request's head follows.
    func pickOpened()

    /// Head and body in HTTP/1.1, as far as they are told.
    func pickReceived(_ bytes: ByteBuffer)

    /// More has come of a message that isn't whole: ``PickStream/unfinishedBytes``.
    func pickGathers()

    /// The attempt came to nothing. What becomes of the request, the stream is to be told: ``PickStream/write(_:)``,
    /// ``PickStream/sendAgain()`` or ``PickStream/passOn()``.
    ///
    /// - Parameters:
    ///   - status: that Envoy has for it.
    ///   - details: why, in Envoy's words; may be empty.
    func pickFailed(_ failure: PickFailure, details: String)

    /// The server that was picked answers.
    func pickAnswers(status: Int)

    /// The last that is heard of the stream.
    func pickEnded(_ ending: PickConversation.Ending)
}
