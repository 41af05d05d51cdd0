extension EnvoyProcess {
    /// As Gateways are configured for an InferencePool: one pass, in which all bodies go through the picker.
    static func gateway(picker: Int) -> String {
        """
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
            - name: front
              address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
              filter_chains:
                - filters:
                    - name: http
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: front
                        use_remote_address: true
                        route_config:
                          virtual_hosts:
                            - name: all
                              domains: ["*"]
                              routes: [{ match: { prefix: / }, route: { cluster: llama, timeout: 0s } }]
                        http_filters:
                          - name: picker
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
                              grpc_service: { envoy_grpc: { cluster_name: paddler } }
                              failure_mode_allow: false
                              processing_mode:
                                request_header_mode: SEND
                                response_header_mode: SEND
                                request_body_mode: FULL_DUPLEX_STREAMED
                                response_body_mode: FULL_DUPLEX_STREAMED
                                request_trailer_mode: SEND
                                response_trailer_mode: SEND
                              response_attributes: [response.flags, response.code_details]
                              metadata_options: { receiving_namespaces: { untyped: [envoy.lb] } }
                          - name: router
                            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          clusters:
            - name: llama
              type: ORIGINAL_DST
              lb_policy: CLUSTER_PROVIDED
              connect_timeout: 2s
              original_dst_lb_config:
                metadata_key: { key: envoy.lb, path: [{ key: x-gateway-destination-endpoint }] }
            - name: paddler
              connect_timeout: 1s
              health_checks:
                - { timeout: 1s, interval: 1s, unhealthy_threshold: 2, healthy_threshold: 1, grpc_health_check: {} }
              load_assignment:
                cluster_name: paddler
                endpoints:
                  - lb_endpoints:
                      - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: \(picker) } } }
              typed_extension_protocol_options:
                envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                  "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                  explicit_http_config:
                    # More often than gRPC's own servers bear.
                    http2_protocol_options: { connection_keepalive: { interval: 0.1s, timeout: 5s } }
        """
    }
}
