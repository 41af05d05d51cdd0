import ProxyProtocol

/// What stands in front of a connection, however it comes: what is said of its beginning stays, whatever follows.
enum ProxyHeaders {
    static func run(_ bytes: [UInt8]) {
        let whole = ProxyHeader.read(bytes)
        // The first byte that decides is the last that any more of it depends on.
        let decided = (0...min(bytes.count, 300)).first { ProxyHeader.read(bytes[..<$0]) != .needsMore }
        if let decided, ProxyHeader.read(bytes[..<decided]) != whole {
            finding("\(ProxyHeader.read(bytes[..<decided])) after \(decided) bytes, \(whole) after all")
        }
        switch whole {
        case .needsMore:
            if bytes.count >= ProxyHeader.longest { finding("\(bytes.count) bytes are not enough") }
        case .header(let header):
            guard header.length <= bytes.count else { finding("a header longer than all that came") }
            guard ProxyHeader.read(bytes[..<header.length]) == whole else {
                finding("what follows is part of the header")
            }
            guard ProxyHeader.read(bytes[..<(header.length - 1)]) == .needsMore else { finding("its end isn't needed") }
        case .refused: break
        }
        let after = bytes + Array("GET / HTTP/1.1\r\n\r\n".utf8)
        if whole != .needsMore, ProxyHeader.read(after) != whole { finding("what follows changes it") }
    }
}
