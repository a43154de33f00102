/** What the issue of the images asks of their Dockerfiles. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { freshCheckout } from '../e2e/fresh-checkout.ts';
import { editedCopy } from './edited-copy.ts';
import { readFinalStage } from './final-stage.ts';
import { repository } from './image-root.ts';
import { referee } from './referee.ts';
import { settingNames } from './setting-names.ts';

/** The parts of BuildKit's image configuration that are looked at. */
interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

const ports = {
  database: ['50050/tcp', '50051/tcp'],
  messaging: ['50055/tcp', '50056/tcp'],
  standalone: ['50050/tcp', '50051/tcp', '50055/tcp', '50056/tcp'],
};

export function describeDockerfiles(): void {
  for (const [app, exposed] of Object.entries(ports)) {
    const file = join(repository, `apps/connections/${app}/Dockerfile`);
    it(`the Dockerfile of ${app} passes BuildKit and makes an image for the least rights`, async () => {
      const image = await referee<ImageConfig>(['dockerfile', file]);
      assert.equal(image.User, '65532:65532');
      assert.equal(image.Entrypoint[0], '/nodejs/bin/node');
      assert.equal(image.Cmd, undefined);
      assert.equal(image.Healthcheck.Test[0], 'CMD', 'a healthcheck without a shell');
      assert.equal(image.StopSignal, 'SIGTERM');
      assert.deepEqual(Object.keys(image.Volumes), ['/data']);
      assert.deepEqual(Object.keys(image.ExposedPorts).sort(), exposed);
      assert.equal(image.Labels['org.opencontainers.image.licenses'], 'Apache-2.0');
      assert.match(readFileSync(file, 'utf8'), /^FROM node:22-bookworm-slim AS build$/m);
      assert.match(readFileSync(file, 'utf8'), /^FROM gcr\.io\/distroless\/nodejs22-debian12:nonroot$/m);

      const { env, user, entrypoint, healthcheck } = readFinalStage(file);
      for (const name of Object.keys(env)) assert.ok(settingNames.has(name), name);
      const { PATH: _, ...set } = Object.fromEntries(image.Env.map((pair) => pair.split('=')));
      assert.deepEqual(
        { env, user, entrypoint, healthcheck },
        {
          env: set,
          user: image.User,
          entrypoint: image.Entrypoint,
          healthcheck: image.Healthcheck.Test.slice(1),
        },
        'what the test of the image itself reads',
      );
    });
  }

  it('the build context has what is compiled and bundled, and no data, settings or built code', async () => {
    const folder = freshCheckout({ installed: true, built: true });
    for (const file of ['.data/store', '.env', 'apps/.env', 'packages/runtime/.data/store']) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
    const kept = new Set(await referee<readonly string[]>(['context', folder]));
    const unwanted = /(^|\/)(node_modules|dist|\.data|\.git|\.moon)\/|(^|\/)\.env/;
    assert.deepEqual(
      [...kept].filter((file) => unwanted.test(file)),
      [],
    );
    for (const needed of [
      'scripts/bundle-image.mjs',
      'deploy/image/health.mjs',
      'LICENSE',
      'package-lock.json',
    ]) {
      assert.ok(kept.has(needed), needed);
    }

    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = relative(folder, join(entry.parentPath, entry.name));
      if (entry.isFile() && !file.startsWith('node_modules') && !kept.has(file)) rmSync(join(folder, file));
    }
    const dockerfile = readFileSync(join(folder, 'apps/connections/standalone/Dockerfile'), 'utf8');
    const [, compile = ''] = /^RUN (npx .*tsc .*) \\$/m.exec(dockerfile) ?? [];
    execFileSync('sh', ['-c', compile], { cwd: folder, stdio: ['ignore', 2, 2] });
    assert.ok(existsSync(join(folder, 'apps/connections/standalone/dist/src/main.js')));
  });

  describe('a wrong Dockerfile is caught', () => {
    const file = join(repository, 'apps/connections/database/Dockerfile');
    for (const [what, replace, by, finding] of [
      ['the shell form', /^ENTRYPOINT .*$/m, 'ENTRYPOINT node main.js', /JSONArgsRecommended/],
      ['an unknown instruction', 'STOPSIGNAL', 'STOPSIGNALS', /unknown instruction: STOPSIGNALS/],
      ['a stage that is not there', '--from=build /', '--from=built /', /built:latest is no stage/],
      ['a base image without a version', 'node:22-bookworm-slim', 'node', /node:latest is no stage/],
      ['a secret in the image', 'ENV DATABASE', 'ENV REDIS_PASSWORD=x DATABASE', /SecretsUsedInArgOrEnv/],
    ] as const) {
      it(what, async () => {
        await assert.rejects(referee(['dockerfile', editedCopy(file, { replace, by })]), finding);
      });
    }
  });
}
