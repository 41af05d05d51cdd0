import AgentReception
import LlamaServer
import NIOCore
import Scheduling

/// What one connection knows of its agent, and has done for it so far. It belongs to the task that listens.
///
/// An object, since a task keeps room for all that it ever has in its hands while it waits, for as long as it lives: of a
/// conversation and its reports that was 5 kB for each agent.
final class HeardAgent {
    private var conversation: AgentConversation
    /// nil: it isn't registered, or not any more.
    var number: AgentRegistry.ConnectionNumber?
    /// Of its server; nil: it hasn't said who it is.
    var address: NetworkAddress?
    var log: AgentLog?
    var standing = Standing.speaks

    /// - Parameters: as of `AgentConversation`.
    @inline(never)
    init(_ agent: AgentID, mayNameKey: Bool, mayNameSocket: Bool) {
        conversation = AgentConversation(agent: agent, mayNameKey: mayNameKey, mayNameSocket: mayNameSocket)
    }

    /// Whether nothing that still comes matters.
    var isOver: Bool {
        @inline(never) get { conversation.isOver }
    }

    /// Takes what was read. After the end that is nothing: it is read to be thrown away.
    @inline(never)
    func received(_ bytes: ByteBuffer, at now: Instant) -> [AgentConversation.Event] {
        conversation.received(bytes.readableBytesView, at: now)
    }
}
