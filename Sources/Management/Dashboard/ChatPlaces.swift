import Synchronization

/// How many chats of the dashboard may go on at one time: each takes a connection of this process to itself. Any thread may call it.
final class ChatPlaces: Sendable {
    private let taken = Mutex(0)

    /// - Returns: nil if ``Dashboard/maximumChats`` go on already.
    func take() -> ChatPlace? {
        let isFree = taken.withLock { taken in
            guard taken < Dashboard.maximumChats else { return false }
            taken += 1
            return true
        }
        return isFree ? ChatPlace(of: self) : nil
    }

    fileprivate func giveBack() {
        taken.withLock { $0 -= 1 }
    }
}

/// One of them. It is given back when nobody refers to this any more, however the chat has ended.
final class ChatPlace: Sendable {
    private let places: ChatPlaces

    fileprivate init(of places: ChatPlaces) {
        self.places = places
    }

    deinit {
        places.giveBack()
    }
}
