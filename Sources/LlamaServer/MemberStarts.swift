/// Where in a body the values of some members begin; of several with one name the last one counts, as with llama-server.
struct MemberStarts<Member: RawRepresentable<Int>>: Sendable {
    /// By raw value, which is below 16; -1: there is none.
    private var starts = SIMD16<Int32>(repeating: -1)

    /// - Parameter offset: in the body; beyond 2 GiB it is left out.
    mutating func note(_ member: Member, at offset: Int) {
        starts[member.rawValue] = Int32(exactly: offset) ?? -1
    }

    func start(of member: Member) -> Int? {
        let start = starts[member.rawValue]
        return start < 0 ? nil : Int(start)
    }

    /// Whether there is none of those whose raw values are below 8.
    var hasNoneOfFirst: Bool { all(starts.lowHalf .< 0) }
}
