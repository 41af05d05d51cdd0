/// The system's `struct linger`, which each platform's module map puts into another module.
enum Linger {
    /// Two `int`: it is switched on, for 0 s.
    static let forNoTime = SIMD2<CInt>(1, 0)
}
