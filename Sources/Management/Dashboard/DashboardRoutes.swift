import HTTPTypes
import Hummingbird

/// `/dashboard`, its files, and the way there from `/`.
struct DashboardRoutes {
    static let landing = LocalPath("/dashboard" as StaticString)

    /// Whether people log in here.
    let hasLogin: Bool

    func add(to router: Router<ManagementContext>) {
        let page = PageFile.page(hasLogin: hasLogin)
        let readingPage = PageFile.page(hasLogin: hasLogin, mayChange: false)
        get(RouterPath(Self.landing.text), of: router) { request, context in
            (context.caller.permission == .reading ? readingPage : page).response(to: request)
        }
        for file in PageFile.all {
            get(RouterPath("\(Self.landing.text)/\(file.name)"), of: router) { request, _ in file.response(to: request)
            }
        }
        get("/", of: router) { _, _ in
            Response(
                status: .seeOther,
                headers: [.location: Self.landing.reference(from: "/"), .cacheControl: "no-store"]
            )
        }
    }

    /// Where it isn't enabled, people are told how it is.
    static func addRefusals(to router: Router<ManagementContext>) {
        for path in ["/", landing.text] {
            router.get(RouterPath(path)) { _, _ -> Response in
                throw RequestFailure(
                    status: .notFound,
                    message:
                        "there is no dashboard here unless the balancer is started with --management-dashboard-enable; "
                        + "GET /api/v1/agents lists its servers"
                )
            }
        }
    }

    private func get(
        _ path: RouterPath,
        of router: Router<ManagementContext>,
        _ answer: @escaping @Sendable (Request, ManagementContext) -> Response
    ) {
        router.get(path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            return answer(request, context)
        }
        router.refuseOtherMethods(at: path, allowed: [.get, .head])
    }
}
