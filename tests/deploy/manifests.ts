/** The parts of Kubernetes manifests that are looked at. Kubernetes itself has decoded them all. */

export interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly object[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly securityContext: object;
  readonly volumeMounts?: readonly object[];
  readonly startupProbe?: { readonly grpc?: object };
  readonly readinessProbe?: { readonly grpc?: object };
  readonly livenessProbe?: { readonly grpc?: object };
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly volumes?: readonly object[];
  readonly containers: readonly [Container];
}

export interface WorkloadSpec {
  readonly replicas: number;
  readonly selector: { readonly matchLabels: object };
  readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

interface ServiceSpec {
  readonly clusterIP?: string;
  readonly selector: object;
  readonly ports: readonly [{ readonly name: string; readonly port: number; readonly appProtocol?: string }];
}

interface BudgetSpec {
  readonly maxUnavailable?: number;
  readonly selector: { readonly matchLabels: object };
}

interface Specs {
  readonly StatefulSet: WorkloadSpec;
  readonly Deployment: WorkloadSpec;
  readonly Service: ServiceSpec;
  readonly PodDisruptionBudget: BudgetSpec;
}

export type Kind = keyof Specs;
export type Manifest = {
  readonly [K in Kind]: {
    readonly kind: K;
    readonly metadata: { readonly name: string };
    readonly spec: Specs[K];
  };
}[Kind];
export type ManifestOf<K extends Kind> = Extract<Manifest, { readonly kind: K }>;
export type Workload = ManifestOf<'StatefulSet' | 'Deployment'>;
