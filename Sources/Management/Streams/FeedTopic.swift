/// What can be watched.
enum FeedTopic: CaseIterable {
    case agents
    case bufferedRequests
}
