/// What must hold, by the names under which failures tell of it.
public enum Invariant: String, Sendable, CaseIterable {
    // Requests.

    /// A request that has not ended waits, or has a slot, and is known to the scheduler once.
    case nothingIsLost
    /// Nothing is decided about a request that has ended.
    case theEndIsTheEnd
    /// What the client has the first byte of is never sent again.
    case firstByte
    /// No request has two slots.
    case oneSlotEach
    /// Of those of one tenant and class, who came first is sent first, unless for an upstream that broke it off, while it is held for another one, or after one
    /// whose prompt lies there.
    case order
    /// No request waits at all, or goes to a busier upstream, while there is an idle slot that it may use, unless it is held.
    case leastBusyFirst
    /// A new request is held for the upstream that has its prompt, for as long as that one is usable and busy, and no longer
    /// than until its time is up.
    case holding
    /// What an upstream broke off goes to another one if there is any.
    case avoidance
    /// A request is broken off as often as is allowed, and no more often.
    case attempts
    /// Who waits is rejected neither before its time is up nor later than the next tick.
    case deadlines
    /// Those of a better class are served before others, unless these have been passed over for as long as they may.
    case classes
    /// Of two tenants of a class that both want more for a while, neither gets more slot time than its share and what it has
    /// running.
    case fairShares
    /// No tenant has more running or waiting than it may.
    case tenantLimits
    /// As many may wait as the limit says.
    case queueLimit
    /// A lease can be given back once, and a place in the queue be left once.
    case givenBackOnce
    /// What is told beforehand of what would become of a request is what becomes of it, and so is the reason.
    case explained
    /// During a shutdown, and only then, requests are refused for it.
    case shutdown

    // Upstreams.

    /// No upstream has more leases than it ever had slots.
    case slotsExist
    /// Nothing is sent where no slot is idle, as far as anybody has told.
    case onlyIdle
    /// Nothing is sent where nobody is, or where all that was said is silent, unready, leaving or ejected.
    case onlyUsable
    /// A request goes to a server of the model that it names.
    case rightModel
    /// A request that names an alias gets one of the models that it lists.
    case onlyWhatIsListed
    /// It asks for each of them once, in their order.
    case triedOnce
    /// It goes on to the next when it has waited long enough, or nobody serves the one that it waits for, and not before.
    case fallbacks
    /// A request goes to a server that was started for what it asks, and has room for its prompt, if there is any.
    case rightServer
    /// What may have ended its server isn't sent to another one; what came after another's end there is.
    case suspects
    /// Nothing is sent where an operator drains.
    case drained
    /// Nothing new is sent where nothing has moved for longer than its agent allows.
    case stuckIsLeftAlone
    /// A server in which something moves isn't taken for stuck.
    case whatMovesIsUsed
    /// An agent that leaves is told when nothing runs on its upstream, and not before.
    case farewell
    /// Failures eject for as long as they should.
    case ejections
    /// The slot of a request that may still be running stays counted, and not for ever.
    case cooling
    /// Whoever may know that a cooling slot is idle is asked.
    case polls
    /// The newest sample decides what others use, and an older one changes nothing.
    case samples
    /// Nobody is seen where nobody is.
    case noPhantoms

    // Agents and their connections.

    /// Whatever an agent says is understood.
    case agentsAreUnderstood
    /// An agent whose network is good isn't taken for silent, and doesn't lose its connection.
    case heartbeats

    // Requests and responses on their way.

    /// Requests of one connection are answered one after the other.
    case oneAfterTheOther
    /// Of a client that asks faster than it is answered no more is read ahead than its limit.
    case readAhead
    /// A client that has got all of a response can tell, and one that hasn't can't take it for all.
    case wholeResponses
    /// What a client gets is what a server sent for its request, byte by byte.
    case ownResponses
    /// What the balancer puts into a stream stands between two events.
    case comments

    // Envoys that ask where requests go.

    /// Whatever an Envoy waits for it is answered once, and nothing else.
    case answeredOnce
    /// An attempt that came to nothing is followed by another where its Envoy sends requests again, and only there; that goes on
    /// with its own request, and for no longer than it may take.
    case comesAgain

    // Models that are loaded on demand.

    /// A model is loaded when somebody waits for it; what loads for nobody any more is given up.
    case loadedForSomebody
    /// What is to be loaded fits beside what is there, as far as agents have told.
    case memoryIsThere
    /// A model stays for as long as loading it took, and a pinned one for ever.
    case stays
    /// Nothing runs on what is unloaded.
    case unloadedUnused
    /// Of those whose model isn't there, whoever has waited longest gets it next, whoever else comes.
    case servedInTurn
    /// Who waits for a model is refused only where it can't be loaded anywhere.
    case hopeless

    // Several balancers.

    /// When everything that was said has arrived, each balancer knows how many leases the others have.
    case othersAreKnown
    /// When a sample was taken since, each balancer knows how many slots are idle, whoever uses the others.
    case idleIsKnown
    /// When everything that was said has arrived, all hash prompts alike, and where nothing runs each knows what was left there last.
    case promptsAreKnown

    // All of it.

    /// What the scheduler keeps twice is the same twice.
    case books
    /// Everything that is due is done by a tick, and only then.
    case ticks
    /// When faults stop, every request ends.
    case everythingEnds
    /// A fleet that is whole again is used again, each slot once.
    case recovery
    /// When all have left, nothing is left.
    case nothingIsLeft
    /// The same schedule comes to the same end.
    case determinism
}
