import Testing

@testable import AccessControl

struct KeySetTests {
    private func admits(_ keys: KeySet, _ candidate: String) -> Bool {
        keys.contains(Array(candidate.utf8).span)
    }

    @Test("a key opens, and nothing that resembles it", arguments: ["secret", "other"])
    func keys(key: String) {
        let keys = KeySet(["secret", "other"])
        #expect(admits(keys, key))
        for wrong in ["", String(key.dropLast()), key + "x", key + "\0", key.uppercased(), String(key.reversed())] {
            #expect(!admits(keys, wrong))
        }
    }

    @Test("nobody gets in by an empty key")
    func empty() {
        #expect(KeySet([""]).isEmpty)
        #expect(!admits(KeySet(["", "a"]), ""))
    }

    @Test("keys never show when they are printed")
    func printing() {
        var text = ""
        dump(KeySet(["secret"]), to: &text)
        #expect(!text.contains("secret") && !"\(KeySet(["secret"]))".contains("secret"))
    }

    @Test("a door whose keys were all taken away stays closed, and one without a lock is open")
    func ring() {
        let ring = KeyRing(KeySet(["a"]), isClosed: true)
        let key = Array("a".utf8)
        let before = ring.admits(key.span)
        ring.replace(KeySet([]))
        let after = ring.admits(key.span)
        let open = KeyRing.open.admits(key.span)
        #expect(before && !after && open)
    }
}
