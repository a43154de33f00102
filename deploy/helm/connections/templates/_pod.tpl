{{- /* The pod of a service. Takes a dict with root, name and service, the values of that service. */}}
{{- define "connections.pod" -}}
metadata:
  labels:
    {{- include "connections.selector" . | nindent 4 }}
  annotations:
    {{- if .root.Values.metrics.annotations }}
    prometheus.io/scrape: 'true'
    prometheus.io/path: /metrics
    prometheus.io/port: {{ include "connections.httpPort" . | quote }}
    {{- end }}
    {{- with .service.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  # The variables that Kubernetes would set for each Service have the prefixes of settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add .root.Values.drainSeconds 10 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: {{ .name }}
      image: {{ include "connections.image" . | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      env:
        {{- include "connections.env" . | nindent 8 }}
      {{- with .service.existingSecret }}
      envFrom:
        - secretRef:
            name: {{ . }}
      {{- end }}
      ports:
        - name: grpc
          containerPort: {{ include "connections.grpcPort" . }}
        - name: http
          containerPort: {{ include "connections.httpPort" . }}
      startupProbe:
        grpc:
          port: {{ include "connections.grpcPort" . }}
        periodSeconds: 1
        failureThreshold: 60
      readinessProbe:
        grpc:
          port: {{ include "connections.grpcPort" . }}
        periodSeconds: 5
        timeoutSeconds: 2
      # Of the process alone: a restart does not mend a store that is away.
      livenessProbe:
        grpc:
          port: {{ include "connections.grpcPort" . }}
          service: grpc.health.v1.Health
        periodSeconds: 10
        timeoutSeconds: 5
      resources:
        {{- toYaml .service.resources | nindent 8 }}
      {{- if include "connections.embedded" . }}
      volumeMounts:
        - name: data
          mountPath: /data
      {{- end }}
  {{- with .service.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .service.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .service.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "connections.image" -}}
{{- with .root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ .service.image }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- /* What the chart itself needs wins over the values; the address of the Database service may be another. */}}
{{- define "connections.env" -}}
{{- $own := dict "DRAIN_SECONDS" .root.Values.drainSeconds "CONNECTIONS_DATA" "/data" }}
{{- range $store, $url := .service.stores }}
{{- if $url }}
{{- $_ := set $own (printf "%s_%s_URL" (upper $.name) (upper $store)) $url }}
{{- end }}
{{- end }}
{{- $usual := dict }}
{{- if eq .name "messaging" }}
{{- $_ := set $usual "DATABASE_CONNECTION_HOST" (include "connections.fullname" (dict "root" .root "name" "database")) }}
{{- end }}
{{- range $name, $value := merge $own .service.env .root.Values.env $usual }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
