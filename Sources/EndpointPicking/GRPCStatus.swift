/// How a call of gRPC ends: https://grpc.io/docs/guides/status-codes
enum GRPCStatus: Int {
    case ok = 0
    case invalidArgument = 3
    case notFound = 5
    case resourceExhausted = 8
    case unimplemented = 12
}
