{{- define "paddler.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "paddler.selector" -}}
app.kubernetes.io/name: paddler
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "paddler.labels" -}}
{{ include "paddler.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "paddler.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "paddler.tokenSecret" -}}
{{- .Values.managementToken.existingSecret | default (printf "%s-management" (include "paddler.name" .)) -}}
{{- end -}}

{{/* Each balancer by its own name: an agent reports to all of them. */}}
{{- define "paddler.balancers" -}}
{{- $name := include "paddler.name" . -}}
{{- $addresses := list -}}
{{- range $index := until (int .Values.balancer.replicas) -}}
{{- $addresses = append $addresses (printf "%s-balancer-%d.%s-balancers:8085" $name $index $name) -}}
{{- end -}}
{{- join "," $addresses -}}
{{- end -}}

{{- define "paddler.hasPool" -}}
{{- if and .Values.picker.enabled .Values.picker.inferencePool.enabled -}}true{{- end -}}
{{- end -}}

{{/* gRPC; over TLS by the name that the inference extension's own pickers have. */}}
{{- define "paddler.pickerProtocol" -}}
{{- .Values.picker.tls.existingSecret | empty | ternary "kubernetes.io/h2c" "http2" -}}
{{- end -}}

{{/* Who may ask the endpoint picker. */}}
{{- define "paddler.envoys" -}}
{{- if not .Values.picker.envoys -}}
{{- fail "picker.envoys: who may ask, as in a NetworkPolicy's from" -}}
{{- end -}}
{{- toYaml .Values.picker.envoys -}}
{{- end -}}

{{- define "paddler.podSecurity" -}}
automountServiceAccountToken: false
# A Service's name would become a variable that looks like a setting.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "paddler.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
