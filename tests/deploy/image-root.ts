/** The root folder of a container, made of what an image copies and of the base image's node, entered with chroot(8). */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FinalStage, readFinalStage } from './final-stage.ts';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

export class ImageRoot implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'connections-image-'));
  readonly stage: FinalStage;

  constructor(app: string) {
    const file = join(repository, 'apps/connections', app, 'Dockerfile');
    this.stage = readFinalStage(file);
    const built = join(this.folder, 'build-stage');
    makeBuildStage(file, built);
    for (const { from, to, owner } of this.stage.copies) {
      cpSync(join(built, from), join(this.folder, to), { recursive: true, verbatimSymlinks: true });
      const [user, group] = (owner ?? '').split(':').map(Number);
      if (user !== undefined && group !== undefined) chownSync(join(this.folder, to), user, group);
    }
    rmSync(built, { recursive: true });
    this.#addNode();
    // mkdtemp makes it for its owner alone.
    execFileSync('chmod', ['755', this.folder]);
  }

  /** Runs a command of the image as its user, with nothing in the environment but the image's and `env`. */
  run([command = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const entered = [`--userspec=${this.stage.user}`, this.folder, command, ...args];
    // By its path: the environment of an image does not tell where this system has it.
    return spawn('/usr/sbin/chroot', entered, {
      env: { ...this.stage.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where the base image has it, with the libraries that it is linked with. */
  #addNode(): void {
    const node = realpathSync(process.execPath);
    const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
    for (const [, library = ''] of libraries) cpSync(realpathSync(library), join(this.folder, library));
    cpSync(node, join(this.folder, '/nodejs/bin/node'));
  }
}

/** Runs the commands of the build stage that make what is copied; what they build from is built. */
function makeBuildStage(dockerfile: string, folder: string): void {
  const text = readFileSync(dockerfile, 'utf8');
  const [, app = '', out = ''] = /node scripts\/bundle-image\.mjs (\S+) (\S+)/.exec(text) ?? [];
  execFileSync(process.execPath, ['scripts/bundle-image.mjs', app, join(folder, out)], { cwd: repository });
  for (const [, made = ''] of text.matchAll(/ mkdir (\S+)/g))
    mkdirSync(join(folder, made), { recursive: true });
}
