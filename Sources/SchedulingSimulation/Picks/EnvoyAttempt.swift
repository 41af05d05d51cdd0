import ExtProcMessages
import NIOCore
import PickRules

/// One attempt at a request: a stream between an Envoy and the balancer, both its ends and what is on its way.
final class EnvoyAttempt {
    /// What Envoy waits for, or does.
    enum Stage {
        /// It has told the request's head.
        case awaitingHead
        /// It has told the body, whole.
        case awaitingBody
        /// It knows where the request goes, and gets the body that goes there, so far this.
        case awaitingPieces(String, ByteBuffer)
        /// The server has the request, and hasn't answered.
        case carried
        /// It has the head of an answer, or of what came of the attempt instead, and asks what becomes of it.
        case judged(isFailure: Bool)
        case answering
        /// It has told all of the answer, and waits for the last of it to come back.
        case closing(EnvoyClient.End)
        /// It carries the request without the picker, which is gone.
        case alone(isAnswering: Bool)
        case over
    }

    enum ToBalancer {
        case message(ProcessingRequest)
        /// A half-close, or a reset: they mean the same.
        case end
    }

    enum ToEnvoy {
        case message(ProcessingResponse)
        case end
    }

    let client: EnvoyClient
    let connection: EnvoyConnection

    // MARK: - At the Envoy

    var stage = Stage.awaitingHead
    /// What of an answer it has told and not got back; nil: trailers.
    var unreturned: [ByteBuffer?] = []
    /// The answer is nothing but its head.
    var isHeadAlone = false

    // MARK: - On the way

    var toBalancer: [ToBalancer] = []
    var toEnvoy: [ToEnvoy] = []

    // MARK: - At the balancer

    var conversation: PickConversation
    var start: PickStart?
    /// Whether it goes on with a request that came before.
    var isResumed = false
    var isOpenAtBalancer: Bool
    /// Until the stream is over, or the request goes on elsewhere.
    var request: PickedRequest?

    init(at client: EnvoyClient, over connection: EnvoyConnection) {
        self.client = client
        self.connection = connection
        isOpenAtBalancer = !connection.isCut
        conversation = PickConversation(comesAgain: client.kind.comesAgain)
    }

    var isOver: Bool {
        if case .over = stage { true } else { false }
    }
}
