{{- define "opswarden.labels" -}}
app.kubernetes.io/name: opswarden
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "opswarden.image" -}}
{{- if .Values.image.digest -}}
{{ required "image.repository is required" .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ required "image.repository is required" .Values.image.repository }}:{{ required "image.tag or image.digest is required" .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "opswarden.pod" -}}
serviceAccountName: {{ .root.Release.Name | quote }}
automountServiceAccountToken: {{ .root.Values.cluster.read }}
enableServiceLinks: false
restartPolicy: {{ .restart }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  # Kubernetes would open the state directory to the group at every start otherwise, and it is refused then.
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: opswarden
    image: {{ include "opswarden.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args:
      {{- toYaml .args | nindent 6 }}
    env:
      - name: OPSWARDEN_CONFIG
        value: /etc/opswarden/opswarden.toml
      - name: OPSWARDEN_STATE_DIR
        value: /var/lib/opswarden/state
      {{- range .root.Values.variables }}
      - name: {{ .name | quote }}
        valueFrom:
          secretKeyRef:
            name: {{ .secret | quote }}
            key: {{ .key | quote }}
      {{- end }}
    {{- if .port }}
    ports:
      - name: main
        containerPort: {{ .port }}
        protocol: TCP
    readinessProbe:
      tcpSocket:
        port: main
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    resources:
      {{- toYaml .root.Values.resources | nindent 6 }}
    volumeMounts:
      - name: config
        mountPath: /etc/opswarden
        readOnly: true
      - name: state
        mountPath: /var/lib/opswarden
      - name: scratch
        mountPath: /tmp
      {{- range .root.Values.files }}
      - name: {{ printf "file-%s" .name | quote }}
        mountPath: {{ printf "/var/run/secrets/opswarden/%s" .name | quote }}
        readOnly: true
      {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ .root.Release.Name | quote }}
  - name: state
    persistentVolumeClaim:
      claimName: {{ default .root.Release.Name .root.Values.state.existingClaim | quote }}
  - name: scratch
    emptyDir:
      sizeLimit: {{ .root.Values.scratch | quote }}
  {{- range .root.Values.files }}
  - name: {{ printf "file-%s" .name | quote }}
    secret:
      secretName: {{ .secret | quote }}
      defaultMode: 288
  {{- end }}
{{- end -}}
