import AccessControl

/// A key that nobody has yet: 256 random bits, in characters that need no quotes anywhere.
struct NewKey {
    let text: String
    let digest: KeyDigest

    /// By which people, and programs that look for leaked secrets, see what it is.
    private static let prefix = "sk-paddler-"
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    /// 62 to the power of 43 is more than 2 to the power of 256.
    private static let length = 43

    init(using random: inout some RandomNumberGenerator) {
        var bytes = Array(Self.prefix.utf8)
        for _ in 0..<Self.length {
            bytes.append(Self.characters[Int.random(in: Self.characters.indices, using: &random)])
        }
        text = String(decoding: bytes, as: UTF8.self)
        digest = KeyDigest(of: bytes.span)
    }
}
