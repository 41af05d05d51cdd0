import Subprocess

/// The browser of whoever sits at this machine.
enum WebBrowser {
    /// Nothing happens where there is none.
    static func open(_ address: String) async {
        #if os(macOS)
            let program = "open"
        #else
            let program = "xdg-open"
        #endif
        _ = try? await Subprocess.run(.name(program), arguments: [address], output: .discarded)
    }
}
