/** What the issue of the deployment asks of the Helm chart. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { editedCopy } from './edited-copy.ts';
import { repository } from './image-root.ts';
import type { Container, Kind, Manifest, ManifestOf, PodSpec, Workload } from './manifests.ts';
import { referee } from './referee.ts';
import { settingNames } from './setting-names.ts';

interface Rendered {
  readonly manifests: readonly Manifest[];
  readonly notes: string;
}

const chart = join(repository, 'deploy/helm/connections');
const servers = {
  database: {
    stores: { cache: 'redis://cache', schemas: 'mongodb://documents', tasks: '' },
    replicas: 3,
    existingSecret: 'database-servers',
  },
  messaging: { stores: { broker: 'amqp://broker' }, env: { DATABASE_CONNECTION_HOST: 'elsewhere' } },
};
const valueSets = {
  'its own values': {},
  servers,
  'one service': { database: { enabled: false }, metrics: { annotations: false } },
  'all that may be set': {
    image: {
      registry: 'registry.example/team',
      tag: '9',
      pullPolicy: 'Always',
      pullSecrets: [{ name: 'pull' }],
    },
    drainSeconds: 60,
    env: { LOG_LEVEL: 'warn', EMBEDDED_SYNC: 'always' },
    database: {
      env: { SLOW_CALL_MS: 5 },
      volume: { size: '1Ti', storageClass: 'fast' },
      podAnnotations: { 'example.com/a': 'b' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'a', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
    },
  },
};

async function render(values: object): Promise<Rendered> {
  const folder = mkdtempSync(join(tmpdir(), 'connections-values-'));
  try {
    // YAML takes JSON.
    writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
    return await referee(['chart', chart, join(folder, 'values.yaml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function workloads({ manifests }: Rendered): Workload[] {
  return manifests.filter(
    (each): each is Workload => each.kind === 'StatefulSet' || each.kind === 'Deployment',
  );
}

function of<K extends Kind>(rendered: Rendered, kind: K, name: string): ManifestOf<K> {
  const isIt = (each: Manifest): each is ManifestOf<K> =>
    each.kind === kind && each.metadata.name === `referee-${name}`;
  const found = rendered.manifests.find(isIt);
  assert.ok(found, `${kind} ${name}`);
  return found;
}

function assertLeastRights(spec: PodSpec): void {
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext;
  assert.deepEqual([runAsNonRoot, runAsUser, seccompProfile?.type], [true, 65532, 'RuntimeDefault']);
  assert.deepEqual([spec.automountServiceAccountToken, spec.enableServiceLinks], [false, false]);
  for (const { securityContext } of spec.containers) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
}

function assertProbes(container: Container): void {
  const port = container.ports.find(({ name }) => name === 'grpc')?.containerPort;
  assert.deepEqual(container.startupProbe?.grpc, { port });
  assert.deepEqual(container.readinessProbe?.grpc, { port });
  assert.deepEqual(container.livenessProbe?.grpc, { port, service: 'grpc.health.v1.Health' });
}

export function describeHelmChart(): void {
  for (const [title, values] of Object.entries(valueSets)) {
    it(`the chart passes Helm and Kubernetes, and its pods have the least rights: ${title}`, async () => {
      const rendered = await render(values);
      for (const { spec } of workloads(rendered)) {
        const pod = spec.template.spec;
        const [container] = pod.containers;
        assertLeastRights(pod);
        assertProbes(container);
        assert.ok(container.resources.requests && container.resources.limits?.memory);
        const env = new Map(container.env.map(({ name, value }) => [name, value]));
        for (const name of env.keys()) assert.ok(settingNames.has(name), name);
        assert.ok(pod.terminationGracePeriodSeconds > Number(env.get('DRAIN_SECONDS')));
        assert.deepEqual(spec.selector.matchLabels, spec.template.metadata.labels);
      }
    });

    it(`the chart has a headless Service and a budget of disruptions for each workload: ${title}`, async () => {
      const rendered = await render(values);
      for (const { metadata, spec } of workloads(rendered)) {
        const name = metadata.name.replace('referee-', '');
        const labels = spec.template.metadata.labels;
        const service = of(rendered, 'Service', name).spec;
        assert.deepEqual([service.clusterIP, service.selector], ['None', labels]);
        const [grpc] = service.ports;
        assert.deepEqual([grpc.name, grpc.appProtocol], ['grpc', 'grpc']);
        const budget = of(rendered, 'PodDisruptionBudget', name).spec;
        assert.deepEqual([budget.maxUnavailable, budget.selector.matchLabels], [1, labels]);
        assert.match(rendered.notes, new RegExp(`port-forward service/${metadata.name} ${grpc.port}`));
      }
    });
  }

  it('the chart keeps embedded stores in the volume of a single pod', async () => {
    const rendered = await render({ database: { replicas: 5 } });
    for (const name of ['database', 'messaging']) {
      const { spec } = of(rendered, 'StatefulSet', name);
      assert.equal(spec.replicas, 1);
      assert.equal(spec.volumeClaimTemplates?.[0]?.metadata.name, 'data');
      const [container] = spec.template.spec.containers;
      assert.deepEqual(container.volumeMounts, [{ name: 'data', mountPath: '/data' }]);
    }
  });

  it('the chart runs replicas without a volume on stores of servers, with what a Secret says of them', async () => {
    const rendered = await render(servers);
    const { spec } = of(rendered, 'Deployment', 'database');
    const [container] = spec.template.spec.containers;
    assert.equal(spec.replicas, 3);
    assert.deepEqual([container.volumeMounts, spec.template.spec.volumes], [undefined, undefined]);
    assert.deepEqual(container.envFrom, [{ secretRef: { name: 'database-servers' } }]);
    const names = container.env.map(({ name }) => name);
    assert.ok(names.includes('DATABASE_CACHE_URL') && !names.includes('DATABASE_TASKS_URL'));
  });

  it('the chart tells Messaging where Database is, unless the values do', async () => {
    const address = (rendered: Rendered, kind: 'StatefulSet' | 'Deployment') =>
      of(rendered, kind, 'messaging').spec.template.spec.containers[0].env.find(
        ({ name }) => name === 'DATABASE_CONNECTION_HOST',
      )?.value;
    assert.equal(address(await render({}), 'StatefulSet'), 'referee-database');
    assert.equal(address(await render(servers), 'Deployment'), 'elsewhere');
  });

  it('the chart is of the version of the repository', () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    assert.match(
      readFileSync(join(chart, 'Chart.yaml'), 'utf8'),
      new RegExp(`^appVersion: ${version}$`, 'm'),
    );
  });

  describe('a wrong chart or value is caught', () => {
    for (const [what, values, finding] of [
      ['a value that is not known', { database: { replica: 2 } }, /'replica' not allowed/],
      ['a value of another type', { drainSeconds: '10' }, /drainSeconds/],
      ['a store that is no URL', { messaging: { stores: { broker: 'rabbit' } } }, /broker/],
    ] as const) {
      it(what, async () => {
        await assert.rejects(render(values), finding);
      });
    }
    for (const [what, file, replace, by, finding] of [
      [
        'an unknown field',
        '_pod.tpl',
        'readOnlyRootFilesystem',
        'readOnlyRoot',
        /unknown field ".*readOnlyRoot"/,
      ],
      [
        'a field of another type',
        'services.yaml',
        'maxUnavailable: 1',
        'maxUnavailable: {}',
        /services\.yaml/,
      ],
      ['a broken template', '_pod.tpl', '{{- end }}', '', /parse error at/],
      [
        'a value that is not there',
        'services.yaml',
        '$service.replicas',
        '$.Values.replicas.of',
        /nil pointer/,
      ],
    ] as const) {
      it(what, async () => {
        const folder = editedCopy(chart, { file: join('templates', file), replace, by });
        const values = join(folder, '..', 'values.yaml');
        writeFileSync(values, JSON.stringify(servers));
        await assert.rejects(referee(['chart', folder, values]), finding);
      });
    }
  });
}
