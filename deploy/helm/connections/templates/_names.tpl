{{- /* Names and labels. Those of a service take a dict with root, the context of the chart, and name, `database` or `messaging`. */}}

{{- define "connections.fullname" -}}
{{- printf "%s-%s" .root.Release.Name .name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "connections.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "connections.labels" -}}
{{ include "connections.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "connections.grpcPort" -}}
{{- eq .name "database" | ternary 50050 50055 -}}
{{- end }}

{{- define "connections.httpPort" -}}
{{- eq .name "database" | ternary 50051 50056 -}}
{{- end }}

{{- /* "true" where a store of the service is in the volume of its pod. */}}
{{- define "connections.embedded" -}}
{{- range .service.stores }}{{ if hasPrefix "embedded:" . }}true{{ break }}{{ end }}{{ end -}}
{{- end }}
