import ServiceLifecycle

/// A service, and a look at the machine's accelerators as long as it runs.
struct WatchedService: Service {
    let watch: AcceleratorWatch
    let service: any Service

    /// How long a tool is waited for that is being killed.
    private static let patience = Duration.seconds(1)

    func run() async throws {
        let (endings, end) = AsyncStream.makeStream(of: Void.self)
        // Not as a child: a tool that hangs in its driver can't be killed, and isn't to keep this process from its end.
        let looking = Task {
            await watch.run()
            end.finish()
        }
        do {
            try await service.run()
        } catch {
            await stop(looking, endings)
            throw error
        }
        await stop(looking, endings)
    }

    private func stop(_ looking: Task<Void, Never>, _ endings: AsyncStream<Void>) async {
        looking.cancel()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for await _ in endings {} }
            // Cancelled: the look is over.
            tasks.addTask { try? await Task.sleep(for: Self.patience) }
            await tasks.next()
            tasks.cancelAll()
        }
    }
}
