extension Metric {
    /// Every metric there is, in the order of the manual. A name once used keeps its meaning.
    public static let all: [Metric] =
        ofFleet + ofQueue + ofModels + ofTenants + ofRequests + ofClients + ofUpstreams + ofAnswers + ofAccelerators
        + ofProcess
}
