import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import Scheduling

/// What is known of the request that a connection is busy with.
struct ProxiedRequest {
    /// What a connection has between two requests.
    static let none = ProxiedRequest(
        id: RequestID(rawValue: 0),
        identifier: .made(0, 0),
        method: .get,
        version: .http11,
        dialect: nil,
        keepsAlive: false,
        isLast: true
    )

    /// Numbers of requests begin at 1.
    var isNone: Bool { id.rawValue == 0 }

    let id: RequestID
    let identifier: RequestIdentifier
    let method: RequestMethod
    let version: HTTPVersion
    /// How llama-server, and so we, would say an error within a stream; nil for a request that occupies no slot.
    let dialect: Dialect?
    /// Whether the client's connection may carry another request after this one.
    var keepsAlive: Bool
    /// Whether the client said so itself that it may not.
    let isLast: Bool
    /// Whether its client is told which upstream answered.
    var isTraced = false
    /// Whether its client is told why, too.
    var isExplained = false
    /// Whether its client has named the server that it means.
    var namesServer = false
    /// The `Origin` of the page that asks; nil: it isn't a page of another site.
    var origin: [UInt8]?
    /// Whether it was let in without a key, since what it asks for is public.
    var isWithoutKey = false
    /// Whether it asks for a page or another part of llama-server's web UI, which tells of no model. Known where its tenant may
    /// not use all models.
    var isPage = false
    /// Whether it asks which models there are.
    var listsModels = false
    /// Of a request whose answer, a stream, goes on without its client: by what it is found again.
    var conversation: [UInt8]?
    /// Whether its head has cookies that are the balancer's own, which no server gets.
    var hasOwnCookies = false
    /// Where it goes, if that is not for the scheduler to say.
    var ownership: Ownership?
    /// The model that its head names, for who can't read its body; where that can be read, it says better.
    var toldModel: String?
    /// Which session its head names.
    var session: SessionKey?
    /// Whose it is; nil: nobody's in particular.
    var tenant: Tenant?
    /// The same where clients are told apart by their addresses.
    var addressTenant: TenantID?
    /// The rank of the class in which it is served.
    var rank = TenantClasses.standardRank
    /// What was taken from its tenant's budget, until that is settled.
    var charge: RequestCharge?
    /// What it asks for, as far as it says; known when it is whole.
    var demand = RequestDemand()
    /// From when its head was read until an answer begins.
    var message: RequestMessage?
    /// When it was whole.
    var submittedAt = NIODeadline.uptimeNanoseconds(0)
    /// When it was last sent.
    var sentAt = NIODeadline.uptimeNanoseconds(0)
    /// How many slots stay in use when it ends: its client has left, or it took too long, and its server may go on.
    var unreturnedSlots = 0
    /// Whether the balancer began its answer, a stream, since nobody else did.
    var hasOwnStart = false
    /// What its client was told of the load that it waits for.
    var loading = LoadingTale.untold
    /// When its client was last told that it isn't forgotten.
    var keptAliveAt: NIODeadline?
}
