/** What the issue of the deployment asks of deploy/compose.yaml. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { editedCopy } from './edited-copy.ts';
import { repository } from './image-root.ts';
import { referee } from './referee.ts';
import { settingNames } from './setting-names.ts';

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly volumes: readonly { readonly type: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly stop_grace_period?: string;
}

interface Project {
  readonly services: Readonly<Record<string, ComposeService>>;
}

const file = join(repository, 'deploy/compose.yaml');
const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));

export function describeComposeFile(): void {
  it('compose starts both services in one embedded container, when it is told nothing', async () => {
    const { services } = await referee<Project>(['compose', file]);
    assert.deepEqual(Object.keys(services), ['standalone']);
    assert.equal(services.standalone?.image, `connections-standalone:${version}`);
  });

  it('compose starts each service with its servers in profile full, once those are healthy', async () => {
    const { services } = await referee<Project>(['compose', file, 'full']);
    assert.deepEqual(Object.keys(services).sort(), ['database', 'messaging', 'mongo', 'rabbitmq', 'redis']);
    const waitsFor = (name: string) => Object.keys(services[name]?.depends_on ?? {}).sort();
    assert.deepEqual(waitsFor('database'), ['mongo', 'redis']);
    assert.deepEqual(waitsFor('messaging'), ['database', 'rabbitmq']);
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        assert.equal(condition, 'service_healthy');
        const { healthcheck, build } = services[name] ?? {};
        assert.ok(
          healthcheck ??
            readFileSync(join(repository, build?.dockerfile ?? ''), 'utf8').includes('HEALTHCHECK'),
        );
      }
    }
    assert.match(services.mongo?.healthcheck?.test.join(' ') ?? '', /rs\.initiate/);
  });

  for (const profile of ['default', 'full']) {
    it(`compose publishes on the loopback address alone, on ports of the environment: ${profile}`, async () => {
      const names = readFileSync(file, 'utf8').matchAll(/^ +- 127\.0\.0\.1:\$\{([A-Z_]+):-\d+\}:\d+$/gm);
      const env = Object.fromEntries(Array.from(names, ([, name], i) => [name, String(20_000 + i)]));
      const { services } = await referee<Project>(['compose', file, profile], env);
      for (const { host_ip, published } of Object.values(services).flatMap(({ ports }) => ports)) {
        assert.equal(host_ip, '127.0.0.1');
        assert.ok(Object.values(env).includes(published), published);
      }
    });

    it(`compose keeps data in volumes and gives the services the least rights: ${profile}`, async () => {
      const { services } = await referee<Project>(['compose', file, profile]);
      for (const [name, service] of Object.entries(services)) {
        assert.match(service.image, /:(\d+\.)+\d+/, `${name} has a version`);
        assert.deepEqual(
          service.volumes.map(({ type }) => type),
          ['volume'],
        );
        if (!service.build) continue;
        assert.deepEqual(
          [service.read_only, service.cap_drop, service.stop_grace_period],
          [true, ['ALL'], '15s'],
        );
        for (const variable of Object.keys(service.environment ?? {})) {
          assert.ok(settingNames.has(variable), variable);
        }
      }
    });
  }

  describe('a wrong compose file is caught', () => {
    for (const [what, replace, by, finding] of [
      ['an unknown key', 'read_only:', 'readonly:', /readonly/],
      ['a service that is not there', 'redis: { condition', 'valkey: { condition', /valkey/],
      ['a volume that is not there', '- redis-data:', '- redis:', /redis/],
      ['a variable without a value', 'REDIS_PASSWORD:-connections', 'REDIS_PASSWORD', /REDIS_PASSWORD/],
    ] as const) {
      it(what, async () => {
        const folder = editedCopy(dirname(file), { file: 'compose.yaml', replace, by });
        await assert.rejects(referee(['compose', join(folder, 'compose.yaml'), 'full']), finding);
      });
    }
  });
}
