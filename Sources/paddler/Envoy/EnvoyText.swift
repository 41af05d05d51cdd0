import LlamaServer

/// The parts of an Envoy's configuration.
enum EnvoyText {
    private static let extensions = "type.googleapis.com/envoy.extensions"

    static func head(_ admin: NetworkAddress) -> String {
        """
        # An Envoy that carries requests and has paddler's balancer say where each goes. For Envoy 1.40; printed by paddler
        # envoy-config, whose flags say what may differ.
        #
        # Each request passes twice: "front" takes it whole from its client, and keeps it; "pick", which no socket leads to, asks
        # the balancer and sends it there. What fails before the first byte of an answer goes through "pick" again.
        admin:
          address: \(socket(admin))

        bootstrap_extensions:
          - name: internal_listener
            typed_config:
              "@type": \(extensions).bootstrap.internal_listener.v3.InternalListener

        static_resources:
          listeners:

        """
    }

    static func front(_ configuration: EnvoyConfiguration) -> String {
        """
            - name: front
              address: \(socket(configuration.listener))
              # Of one connection, beyond which it isn't read on; a body that is to be kept has a limit of its own.
              per_connection_buffer_limit_bytes: 262144
              filter_chains:
                - filters:
                    - name: http
                      typed_config:
                        "@type": \(extensions).filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: front
                        # The balancer believes the last address in X-Forwarded-For, which Envoy writes.
                        use_remote_address: true
                        server_header_transformation: PASS_THROUGH
                        request_headers_timeout: 10s
                        request_timeout: 300s
                        # Longer than a request waits and a server computes before its first byte; by default 5 minutes.
                        stream_idle_timeout: 900s
                        # No client says where its request goes, or whose attempt it is.
                        early_header_mutation_extensions:
                          - name: strip
                            typed_config:
                              "@type": \(extensions).http.early_header_mutation.header_mutation.v3.HeaderMutation
                              mutations:
                                - remove: x-gateway-destination-endpoint
                                - remove: x-gateway-model-name
                                - remove: x-paddler-request
                        # All that Envoy says itself, in JSON.
                        local_reply_config:
                          body_format:
                            json_format:
                              error:
                                code: "%RESPONSE_CODE%"
                                message: "%LOCAL_REPLY_BODY%"
                                type: unavailable_error
                        route_config:
                          virtual_hosts:
                            - name: all
                              domains: ["*"]
                              include_request_attempt_count: true
                              # A body that is larger couldn't be sent again.
                              request_body_buffer_limit: \(configuration.maximumBodyBytes)
                              routes:
                                - match: { prefix: / }
                                  # The same in all attempts at a request.
                                  request_headers_to_add:
                                    - header: { key: x-paddler-request, value: "%UNIQUE_ID%" }
                                      append_action: OVERWRITE_IF_EXISTS_OR_ADD
                                  response_headers_to_remove: [x-paddler-again]
                                  route:
                                    cluster: pick
                                    timeout: 0s
                                    # The balancer says whether there is another attempt; the number only bounds how long it may
                                    # be away, two minutes.
                                    retry_policy:
                                      retry_on: retriable-headers
                                      retriable_headers:
                                        - { name: x-paddler-again, present_match: true }
                                      num_retries: 120
                                      retry_back_off: { base_interval: 0.025s, max_interval: 1s }
                        http_filters:
                          # The whole body before anything is asked: a slow upload holds no slot.
                          - name: body
                            typed_config:
                              "@type": \(extensions).filters.http.buffer.v3.Buffer
                              max_request_bytes: \(configuration.maximumBodyBytes)
                          - name: router
                            typed_config:
                              "@type": \(extensions).filters.http.router.v3.Router
                              suppress_envoy_headers: true
        \(transportSocket(configuration.certificate))
        """
    }

    static func pick(_ configuration: EnvoyConfiguration) -> String {
        """
            - name: pick
              internal_listener: {}
        \(bufferLimit(configuration))      filter_chains:
                - filters:
                    - name: http
                      typed_config:
                        "@type": \(extensions).filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: pick
                        # What is refused here ends its own stream; by default it ends the connection, and all answers on it.
                        http2_protocol_options: { override_stream_error_on_invalid_http_message: true }
                        # The first pass adds fields to what it takes, and the balancer's answer some more.
                        max_request_headers_kb: 96
                        common_http_protocol_options: { max_headers_count: 200 }
                        generate_request_id: false
                        skip_xff_append: true
                        server_header_transformation: PASS_THROUGH
                        stream_idle_timeout: 900s
                        # What Envoy itself says, in JSON; what the balancer and the last route answer is that already.
                        local_reply_config:
                          mappers:
                            - filter:
                                extension_filter:
                                  name: own
                                  typed_config:
                                    "@type": \(extensions).access_loggers.filters.cel.v3.ExpressionFilter
                                    expression: "!(response.code_details in ['paddler', 'direct_response'])"
                              body_format_override:
                                json_format:
                                  error:
                                    code: "%RESPONSE_CODE%"
                                    message: "%LOCAL_REPLY_BODY%"
                                    type: upstream_error
                        route_config:
                          virtual_hosts:
                            - name: all
                              domains: ["*"]
                              routes:
                                # Where the balancer has said so: in metadata, which no client can write.
                                - match:
                                    prefix: /
                                    dynamic_metadata:
                                      - filter: envoy.lb
                                        path: [{ key: x-gateway-destination-endpoint }]
                                        value: { present_match: true }
                                  route: { cluster: llama, timeout: 0s, idle_timeout: 600s }
                                # There is no balancer: again, a little later.
                                - match: { prefix: / }
                                  direct_response:
                                    status: 503
                                    body:
                                      inline_string: '{"error":{"code":503,"message":"the balancer is not there","type":"unavailable_error"}}'
                                  response_headers_to_add:
                                    - header: { key: x-paddler-again, value: "1" }
                                    - header: { key: content-type, value: application/json }
                                      append_action: OVERWRITE_IF_EXISTS_OR_ADD
                        http_filters:
                          - name: picker
                            typed_config:
                              "@type": \(extensions).filters.http.ext_proc.v3.ExternalProcessor
                              grpc_service:
                                envoy_grpc: { cluster_name: paddler }
                                # What failed is sent again by the first pass. Whoever doesn't say so isn't asked to.
                                initial_metadata: [{ key: x-paddler-comes-again, value: "1" }]
                              # Running answers outlive the balancer. What it hasn't said where to send ends in the route above.
                              failure_mode_allow: true
                              # While a request waits, its answer is outstanding: longer than --buffered-request-timeout.
                              message_timeout: 900s
                              processing_mode:
                                request_header_mode: SEND
                                response_header_mode: SEND
                                request_body_mode: \(configuration.tellsBodies ? "BUFFERED" : "NONE")
                                response_body_mode: NONE
                                request_trailer_mode: SKIP
                                # So that the stream ends with the answer. Without it, that ends with the answer's first byte.
                                response_trailer_mode: SEND
                              # How an attempt failed.
                              response_attributes: [response.flags, response.code_details]
                              metadata_options: { receiving_namespaces: { untyped: [envoy.lb] } }
                          - name: router
                            typed_config:
                              "@type": \(extensions).filters.http.router.v3.Router
                              suppress_envoy_headers: true

          clusters:

        """
    }

    /// A body that is told is held whole in the second pass, too.
    private static func bufferLimit(_ configuration: EnvoyConfiguration) -> String {
        guard configuration.tellsBodies else { return "" }
        return """
            # Each body is held here as it is told.
            per_connection_buffer_limit_bytes: \(configuration.maximumBodyBytes)
            """.indented(6)
    }

    static func clusters(_ configuration: EnvoyConfiguration) -> String {
        """
            # HTTP/2 inside: a client's leaving gets through even where a body is held up.
            - name: pick
              # By default 1,024 requests at a time, waiting ones among them.
              circuit_breakers: &many
                thresholds:
                  - { max_connections: 100000, max_pending_requests: 100000, max_requests: 100000, max_retries: 100000 }
              load_assignment:
                cluster_name: pick
                endpoints:
                  - lb_endpoints:
                      - endpoint: { address: { envoy_internal_address: { server_listener_name: pick } } }
              transport_socket:
                name: internal
                typed_config:
                  "@type": \(extensions).transport_sockets.internal_upstream.v3.InternalUpstreamTransport
                  transport_socket:
                    name: raw
                    typed_config:
                      "@type": \(extensions).transport_sockets.raw_buffer.v3.RawBuffer
              typed_extension_protocol_options:
                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                  "@type": \(extensions).upstreams.http.v3.HttpProtocolOptions
                  # While the balancer is away, attempts are reset. Envoy's HTTP/2 bears a thousand resets at once, and then ends
                  # the connection, and with it all answers on it.
                  common_http_protocol_options: { max_requests_per_connection: 200 }
                  explicit_http_config: { http2_protocol_options: {} }

            # Whichever llama-server the balancer names: none is listed here.
            - name: llama
              type: ORIGINAL_DST
              lb_policy: CLUSTER_PROVIDED
              connect_timeout: 2s
              circuit_breakers: *many
              original_dst_lb_config:
                metadata_key:
                  key: envoy.lb
                  path: [{ key: x-gateway-destination-endpoint }]
              typed_extension_protocol_options:
                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                  "@type": \(extensions).upstreams.http.v3.HttpProtocolOptions
                  # llama-server closes a connection after each stream without saying so, and a request that is sent on it then is lost.
                  common_http_protocol_options: { max_requests_per_connection: 1 }
                  explicit_http_config: { http_protocol_options: {} }

            - name: paddler
              type: STRICT_DNS
              connect_timeout: 1s
              circuit_breakers: *many
              health_checks:
                - timeout: 1s
                  interval: 1s
                  # By default a minute, after which alone a balancer that is gone would be noticed.
                  no_traffic_interval: 1s
                  unhealthy_threshold: 2
                  healthy_threshold: 1
                  grpc_health_check: { service_name: envoy.service.ext_proc.v3.ExternalProcessor }
              load_assignment:
                cluster_name: paddler
                endpoints:
        \(pickers(configuration))\(pickerSocket(configuration))      typed_extension_protocol_options:
                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                  "@type": \(extensions).upstreams.http.v3.HttpProtocolOptions
                  explicit_http_config:
                    http2_protocol_options:
                      # A balancer that stands still is noticed by what it doesn't echo.
                      connection_keepalive: { interval: 5s, timeout: 2s }

        """
    }

    // MARK: - Parts of parts

    private static func socket(_ address: NetworkAddress) -> String {
        "{ socket_address: { address: \"\(address.host)\", port_value: \(address.port) } }"
    }

    private static func pickers(_ configuration: EnvoyConfiguration) -> String {
        let endpoints = configuration.pickers.enumerated().map { rank, address in
            """
            - priority: \(rank)
              lb_endpoints:
                - endpoint: { address: \(socket(address)) }
            """
        }
        return endpoints.joined(separator: "\n").indented(10)
    }

    private static func transportSocket(_ certificate: EnvoyConfiguration.Certificate?) -> String {
        guard let certificate else { return "" }
        let text = """
            transport_socket:
              name: tls
              typed_config:
                "@type": \(extensions).transport_sockets.tls.v3.DownstreamTlsContext
                common_tls_context:
                  alpn_protocols: [h2, http/1.1]
            """
        return text.indented(10) + own(certificate).indented(16)
    }

    private static func pickerSocket(_ configuration: EnvoyConfiguration) -> String {
        guard let authorities = configuration.pickerAuthorities else { return "" }
        let text = """
            transport_socket:
              name: tls
              typed_config:
                "@type": \(extensions).transport_sockets.tls.v3.UpstreamTlsContext
                common_tls_context:
                  alpn_protocols: [h2]
                  validation_context: { trusted_ca: { filename: \(quoted(authorities)) } }
            """
        return text.indented(6) + (configuration.pickerCertificate.map(own)?.indented(12) ?? "")
    }

    private static func own(_ certificate: EnvoyConfiguration.Certificate) -> String {
        """
        tls_certificates:
          - certificate_chain: { filename: \(quoted(certificate.chain)) }
            private_key: { filename: \(quoted(certificate.key)) }
        """
    }

    private static func quoted(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

extension String {
    /// All its lines, each with so many spaces in front of it and an end.
    fileprivate func indented(_ count: Int) -> String {
        let spaces = String(repeating: " ", count: count)
        return split(separator: "\n", omittingEmptySubsequences: false).map { spaces + $0 + "\n" }.joined()
    }
}
