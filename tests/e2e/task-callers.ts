/** Callers of tasks by both contracts, to whom each answer is one line of text. */

import {
  type CallOptions,
  type Channel,
  type Client,
  createClient,
  isStatusError,
  Metadata,
} from '@connections/grpc';
import { taskService, wireDatabaseService } from '@connections/proto-utils';
import { Durability, Source } from '@connections/proto-utils/v1/tasks';
import { openTestChannel } from '@connections/testing';

/** What callers of both contracts can say of a task of one category. */
export interface TaskCaller {
  /** Of the last reply that had one: for `get`. */
  readonly token: string;
  /** The durability, or why not. */
  put(id: string, status: string): Promise<string>;
  patch(id: string, status: string): Promise<string>;
  remove(id: string): Promise<string>;
  /** The status and the source; `none`: there is no such task. */
  get(id: string, token?: string): Promise<string>;
  /** The statuses of all, in their order, and the source; `partly`. */
  list(): Promise<string>;
}

const category = 'validation';
/** Longer than any budget of the service: it is the service that ends a call. */
const call = { timeoutMs: 20_000 };

export class V1Caller implements TaskCaller, Disposable {
  token = '';
  readonly #channel: Channel;
  readonly #tasks: Client<typeof taskService>;
  readonly #allowBuffered: boolean;

  constructor(address: string, { allowBuffered }: { readonly allowBuffered: boolean }) {
    this.#channel = openTestChannel(address);
    this.#tasks = createClient(taskService, this.#channel);
    this.#allowBuffered = allowBuffered;
  }

  put(id: string, status: string): Promise<string> {
    const request = { category, id, state: { status }, allowBuffered: this.#allowBuffered };
    return this.#written(() => this.#tasks.put(request, call));
  }

  patch(id: string, status: string): Promise<string> {
    const request = { category, id, status, allowBuffered: this.#allowBuffered };
    return this.#written(() => this.#tasks.patch(request, call));
  }

  remove(id: string): Promise<string> {
    const request = { category, id, allowBuffered: this.#allowBuffered };
    return this.#written(() => this.#tasks.remove(request, call));
  }

  get(id: string, token = ''): Promise<string> {
    return this.#read({ category, id, token });
  }

  /** From the store whose word is final. */
  getStrong(id: string): Promise<string> {
    return this.#read({ category, id, strong: true });
  }

  list(): Promise<string> {
    return said(async () => {
      const { tasks, source, partial } = await this.#tasks.list({ category }, call);
      return listed(tasks, nameOf(Source, source), partial);
    });
  }

  /** The statuses that it has had, and the source. */
  history(id: string): Promise<string> {
    return said(async () => {
      const { transitions, source } = await this.#tasks.listTransitions({ category, id }, call);
      return `${transitions.map(({ status }) => status).join(', ')} from ${nameOf(Source, source)}`;
    });
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }

  #read(request: Parameters<Client<typeof taskService>['get']>[0]): Promise<string> {
    return said(async () => {
      const { task, source, token } = await this.#tasks.get(request, call);
      this.token = token;
      return `${task?.status} from ${nameOf(Source, source)}`;
    });
  }

  #written(ask: () => Promise<{ readonly durability: Durability; readonly token: string }>): Promise<string> {
    return said(async () => {
      const { durability, token } = await ask();
      this.token = token;
      return nameOf(Durability, durability);
    });
  }
}

export class WireCaller implements TaskCaller, Disposable {
  token = '';
  readonly #channel: Channel;
  readonly #wire: Client<typeof wireDatabaseService>;

  constructor(address: string) {
    this.#channel = openTestChannel(address);
    this.#wire = createClient(wireDatabaseService, this.#channel);
  }

  put(taskId: string, status: string): Promise<string> {
    return this.#written((options) =>
      this.#wire.setTaskId({ task: category, taskId, value: { status } }, options),
    );
  }

  patch(taskId: string, value: string): Promise<string> {
    const update = { task: category, taskId, field: 'status', value };
    return this.#written((options) => this.#wire.updateTaskId(update, options));
  }

  remove(taskId: string): Promise<string> {
    return this.#written((options) => this.#wire.removeTaskId({ task: category, taskId }, options));
  }

  get(taskId: string, token?: string): Promise<string> {
    return said(async () => {
      const asked = (options: CallOptions) => this.#wire.getTaskId({ task: category, taskId }, options);
      const { reply, trailers } = await this.#withTrailers(asked, token);
      const source = trailers.text('x-source');
      return reply.found ? `${reply.value?.status} from ${source}` : `none from ${source}`;
    });
  }

  list(): Promise<string> {
    return said(async () => {
      const asked = { task: category, importName: 'default' };
      const { reply, trailers } = await this.#withTrailers((options) =>
        this.#wire.getTasksByImportName(asked, options),
      );
      return listed(reply.tasks, trailers.text('x-source'), trailers.text('x-partial') === '1');
    });
  }

  [Symbol.dispose](): void {
    this.#channel.close();
  }

  /** A refusal is in the reply. */
  #written(
    ask: (options: CallOptions) => Promise<{ readonly success: boolean; readonly message: string }>,
  ): Promise<string> {
    return said(async () => {
      const { reply, trailers } = await this.#withTrailers(ask);
      return reply.success ? (trailers.text('x-durability') ?? '') : `refused: ${reply.message}`;
    });
  }

  async #withTrailers<Reply>(ask: (options: CallOptions) => Promise<Reply>, token?: string) {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('x-token', token);
    let trailers = new Metadata();
    const onTrailers = (received: Metadata) => {
      trailers = received;
    };
    const reply = await ask({ ...call, metadata, onTrailers });
    this.token = trailers.text('x-token') ?? this.token;
    return { reply, trailers };
  }
}

function listed(
  tasks: readonly { readonly status: string }[],
  source: string | undefined,
  partial: boolean,
): string {
  const statuses = tasks.map(({ status }) => status).toSorted();
  return `${statuses.join(', ')} from ${source}${partial ? ', partly' : ''}`;
}

/** A failure as its status, and whether it says when to try again. */
async function said(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const retries = error.details.some(({ kind }) => kind === 'RetryInfo');
    if (error.status === 'NOT_FOUND') return 'none';
    return retries ? `${error.status}, try again` : error.status;
  }
}

/** Without what all names of its kind begin with. */
function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  const name = Object.entries(names).find(([, number]) => number === value)?.[0] ?? `${value}`;
  return name.replace(/^(DURABILITY|SOURCE)_/, '');
}
