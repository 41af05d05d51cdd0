import LlamaServer
import Scheduling
import SeededRandom

// What servers do.

extension ExchangeSimulation {
    mutating func changeSomeServer() throws(Violation) {
        let server = random.below(servers.count)
        switch servers[server].life {
        case .up:
            guard random.chance(faults) else { break }
            if random.chance(30) { servers[server].life = .loading } else { die(server) }
        case .loading:
            servers[server].life = .up
            servers[server].lives += 1
        case .dead: servers[server].life = .loading
        }
        report(server)
        // As llama-server, after some seconds.
        guard random.chance(20) else { return }
        if let socket = idle.randomElement(using: &random) { socket.close = .clean }
        // A server that says why it closes, just when a request is about to be sent.
        if let socket = sockets.first(where: { !$0.isFlushed && $0.close == nil }) { try receiveUnasked(on: socket) }
    }

    private mutating func die(_ server: Int) {
        servers[server].life = .dead
        trace.note("\(server) dies")
        for socket in sockets where socket.server == server && socket.close == nil {
            breakOff(socket)
            // A reset overtakes what had been sent.
            guard socket.close == .reset, random.chance(50) else { continue }
            socket.onItsWay = Array(socket.onItsWay.prefix(random.below(socket.onItsWay.count + 1)))
        }
    }

    private mutating func breakOff(_ socket: SimulatedUpstreamSocket) {
        // Where the end of the connection is that of the response, nobody can tell an early one, unless it is a reset.
        servers[socket.server].breaks += 1
        let isTold = socket.response?.end != .ofConnection
        socket.close = isTold && random.chance(50) ? .clean : .reset
        socket.unsent = []
    }

    /// What its agent says of it, as it is.
    mutating func report(_ server: Int) {
        let running = sockets.count { $0.server == server && $0.response != nil && $0.close == nil }
        let isReady = servers[server].life == .up
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a\(server)"),
            route: UpstreamRoute(address: servers[server].address),
            condition: isReady ? .ready : servers[server].life == .loading ? .loading : .down("gone"),
            slots: isReady
                ? SlotSample(
                    total: servers[server].slots,
                    processing: min(running, servers[server].slots),
                    taken: now...now
                )
                : nil,
            maximumSilence: .seconds(1_000_000)
        )
        reported(report)
    }

    mutating func readSomeRequest() {
        guard let socket = sockets.filter({ isRead($0) }).randomElement(using: &random), var request = socket.request
        else { return }
        request.read = isCalm ? request.length : min(request.length, request.read + random.below(request.length + 1))
        socket.request = request
        guard request.read == request.length else { return }
        socket.request = nil
        execute(request.number, on: socket)
    }

    private func isRead(_ socket: SimulatedUpstreamSocket) -> Bool {
        socket.isFlushed && socket.request != nil && socket.close == nil && servers[socket.server].life != .dead
    }

    private mutating func execute(_ number: Int, on socket: SimulatedUpstreamSocket) {
        let client = clients.first { $0.number == number }
        let life = servers[socket.server].life
        if life == .loading || !isCalm && random.chance(faults) {
            let response = SimulatedLlamaServer.unavailable(isLoading: life == .loading)
            client?.responses.append(response)
            return respond(response, on: socket)
        }
        client?.executions.append(socket.server)
        if client?.isPoison == true, !isCalm {
            trace.note("\(number) ends \(socket.server)")
            if client?.isOnFaultlessServer == true { client?.ended = (socket.server, servers[socket.server].lives) }
            return die(socket.server)
        }
        let response = SimulatedLlamaServer.response(to: number, number: responses, &random)
        responses += 1
        client?.responses.append(response)
        respond(response, on: socket)
    }

    private func respond(_ response: SimulatedResponse, on socket: SimulatedUpstreamSocket) {
        socket.response = response
        socket.unsent = response.bytes[...]
    }

    mutating func sendSomeResponse() {
        // A connection that brings no more requests is of no use.
        for socket in sockets
        where socket.isShut && socket.response == nil && socket.request == nil && socket.close == nil {
            socket.close = .clean
        }
        let sending = sockets.filter { $0.response != nil && $0.close == nil && !$0.isClosed }
        guard let socket = sending.randomElement(using: &random), let response = socket.response else { return }
        // llama-server looks now and then whether its client is still there.
        if socket.isShut, random.chance(50) {
            socket.close = .clean
            return
        }
        if !isCalm, random.chance(faults) {
            trace.note("\(socket.server) breaks off")
            return breakOff(socket)
        }
        let count = isCalm ? socket.unsent.count : random.below(socket.unsent.count + 1)
        socket.onItsWay += socket.unsent.prefix(count)
        socket.unsent = socket.unsent.dropFirst(count)
        guard socket.unsent.isEmpty else { return }
        socket.response = nil
        if response.end == .ofConnection { socket.close = .clean }
    }
}
