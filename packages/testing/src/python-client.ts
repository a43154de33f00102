/** Runs a Python client of the wire contract, with stubs that protoc makes from our files, and reports its cases. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const protoRoot = fileURLToPath(new URL('../../../proto/', import.meta.url));
const scriptRoot = fileURLToPath(new URL('../../../../tests/python/', import.meta.url));
const protoFolders = ['database', 'messaging'];

export interface PythonClient {
  /** Name of a file in tests/python. */
  readonly script: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** Beside the environment of this process. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** The script is killed after this long. @default 60 000 */
  readonly timeoutMs?: number;
}

interface Tools {
  readonly python: string;
  readonly protoc: string;
  readonly plugin: string;
}

/** One line of a script's standard output; tests/python/cases.py writes them. */
interface ReportedCase {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
}

/**
 * Runs the script and turns every case that it reports into a subtest. Fails when the script does, or reports no case.
 * Where a tool is missing the test is skipped with the reason, or fails when CI or CONFORMANCE_REQUIRED asks for it.
 */
export async function runPythonClient(context: TestContext, client: PythonClient): Promise<void> {
  const tools = await findTools();
  if (typeof tools === 'string') {
    if (pythonIsRequired()) throw new Error(`the Python client is required here: ${tools}`);
    context.skip(tools);
    return;
  }
  const stubs = await mkdtemp(join(tmpdir(), 'connections-python-'));
  try {
    await makeStubs(tools, stubs);
    await runScript(context, client, tools.python, stubs);
  } finally {
    await rm(stubs, { recursive: true, force: true });
  }
}

function pythonIsRequired(): boolean {
  const { CI, CONFORMANCE_REQUIRED = '' } = process.env;
  return Boolean(CI) || CONFORMANCE_REQUIRED.split(',').some((name) => name.trim() === 'python');
}

/** The tools, or a sentence that says which one is missing. */
async function findTools(): Promise<Tools | string> {
  const protoc = await firstThatRuns(['protoc'], ['--version']);
  if (!protoc) return 'protoc is not on the path (Debian: protobuf-compiler)';
  const plugin = await run('which', ['grpc_python_plugin']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (!plugin) return 'grpc_python_plugin is not on the path (Debian: protobuf-compiler-grpc)';
  // The python3 on the path may be one that lacks the distribution's packages.
  const python = await firstThatRuns(['/usr/bin/python3', 'python3'], ['-c', 'import grpc, google.protobuf']);
  if (!python) return 'no python3 has grpc and protobuf (Debian: python3-grpcio, python3-protobuf)';
  return { python, protoc, plugin };
}

async function firstThatRuns(
  commands: readonly string[],
  args: readonly string[],
): Promise<string | undefined> {
  for (const command of commands) {
    const runs = await run(command, args).then(
      () => true,
      () => false,
    );
    if (runs) return command;
  }
  return undefined;
}

async function makeStubs(tools: Tools, folder: string): Promise<void> {
  const files: string[] = [];
  for (const name of protoFolders) {
    const entries = await readdir(join(protoRoot, name));
    files.push(...entries.filter((entry) => entry.endsWith('.proto')).map((entry) => `${name}/${entry}`));
  }
  await run(tools.protoc, [
    `--proto_path=${protoRoot}`,
    `--plugin=protoc-gen-grpc_python=${tools.plugin}`,
    `--python_out=${folder}`,
    `--grpc_python_out=${folder}`,
    ...files,
  ]);
}

async function runScript(
  context: TestContext,
  client: PythonClient,
  python: string,
  stubs: string,
): Promise<void> {
  const path = [stubs, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const child = spawn(python, ['-u', '-B', join(scriptRoot, client.script), ...(client.args ?? [])], {
    env: { ...process.env, ...client.env, PYTHONPATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: client.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));

  let cases = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const reported = JSON.parse(line) as ReportedCase;
      cases += 1;
      await context.test(reported.name, () => {
        if (!reported.ok) throw new Error(reported.error ?? 'the case failed');
      });
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const end = await ended;
  if (end !== 'exit code 0') throw new Error(`${client.script}: ${end}\n${complaints.join('')}`);
  if (cases === 0) throw new Error(`${client.script} reported no case`);
}
