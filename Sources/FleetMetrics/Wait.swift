/// What the data plane waits for, and gives up at some time.
public enum Wait: String, CaseIterable, Sendable {
    case connection = "connection"
    case requestHead = "request_head"
    case requestBody = "request_body"
    case firstByte = "first_byte"
    case answer = "answer"
    case clientWrite = "client_write"
    case clientIdle = "client_idle"
}
