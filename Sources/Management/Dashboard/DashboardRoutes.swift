import HTTPTypes
import Hummingbird

/// `/dashboard`, its files, and the way there from `/`.
struct DashboardRoutes {
    static let landing = LocalPath("/dashboard" as StaticString)

    /// Whether people log in here.
    let hasLogin: Bool

    func add(to router: Router<ManagementContext>) {
        let page = PageFile.page(hasLogin: hasLogin)
        get(RouterPath(Self.landing.text), of: router) { page.response(to: $0) }
        for file in PageFile.all {
            get(RouterPath("\(Self.landing.text)/\(file.name)"), of: router) { file.response(to: $0) }
        }
        get("/", of: router) { _ in
            Response(status: .seeOther, headers: [.location: Self.landing.text, .cacheControl: "no-store"])
        }
    }

    private func get(
        _ path: RouterPath,
        of router: Router<ManagementContext>,
        _ answer: @escaping @Sendable (Request) -> Response
    ) {
        router.get(path) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            return answer(request)
        }
        router.refuseOtherMethods(at: path, allowed: [.get, .head])
    }
}
