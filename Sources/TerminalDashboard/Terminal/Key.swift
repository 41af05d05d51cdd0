/// A key that was pressed.
package enum Key: Equatable, Sendable {
    case character(Character)
    /// With Ctrl, in lower case.
    case control(Character)
    case escape, enter, backspace
    case up, down, left, right
    case pageUp, pageDown, home, end
}
