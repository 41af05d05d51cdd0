import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Which of the processes that listen on one port is given its new connections.
///
/// Linux keeps a port's listeners in the order in which they began to listen, and lets any of them attach a program that
/// names one by its place (socket(7), SO_ATTACH_REUSEPORT_CBPF). A place that nobody has is as good as no program, and
/// when the first goes, the last takes its place. Without it they would be spread over all.
enum SharedPort: UInt32, Sendable {
    case first = 0
    case second = 1

    static let isAllowed = NIOBSDSocket.Option(rawValue: SO_REUSEPORT)

    /// Does nothing on systems that don't have it.
    ///
    /// - Parameter listener: bound with SO_REUSEPORT.
    func takesConnections(of listener: any Channel) async throws {
        #if os(Linux)
            try await listener.eventLoop.flatSubmit {
                guard let socket = listener as? any SocketOptionProvider else {
                    return listener.eventLoop.makeSucceededVoidFuture()
                }
                // The kernel has copied both when the call returns, which on this event loop it has.
                return withUnsafePointer(to: Instruction.returning(self.rawValue)) { instruction in
                    socket.unsafeSetSocketOption(
                        level: .socket,
                        name: Self.attachReusePortCBPF,
                        value: Program(instructionCount: 1, address: UInt(bitPattern: instruction))
                    )
                }
            }.get()
        #endif
    }

    #if os(Linux)
        /// asm-generic/socket.h
        private static let attachReusePortCBPF = NIOBSDSocket.Option(rawValue: 51)

        /// `struct sock_fprog` of linux/filter.h.
        private struct Program {
            let instructionCount: UInt16
            let address: UInt
        }

        /// `struct sock_filter` of linux/filter.h.
        private struct Instruction {
            let code: UInt16
            let jumpIfTrue: UInt8
            let jumpIfFalse: UInt8
            let operand: UInt32

            /// BPF_RET | BPF_K
            static func returning(_ value: UInt32) -> Instruction {
                Instruction(code: 0x06, jumpIfTrue: 0, jumpIfFalse: 0, operand: value)
            }
        }
    #endif
}
