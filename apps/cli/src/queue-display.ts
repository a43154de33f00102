/** Where `queues --watch` shows the queues, again and again. */
import { printJsonLine } from './json-output.ts';
import { protoJson } from './proto-json.ts';
import { figureTable, type QueueView } from './queue-view.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './text-width.ts';

export interface QueueDisplay {
  show(queues: readonly QueueView[]): void;
  /** Of what is not about queues. */
  note(text: string): void;
}

export function queueDisplay(terminal: Terminal, { json }: { readonly json?: true }): QueueDisplay {
  if (json) return jsonLines(terminal);
  return terminal.columns === undefined ? changeLines(terminal) : drawnTable(terminal);
}

function jsonLines(terminal: Terminal): QueueDisplay {
  return {
    show: (queues) => printJsonLine(terminal, { time: new Date().toISOString(), queues: protoJson(queues) }),
    note: (text) => terminal.note(printable(text)),
  };
}

/** A line for each queue whose figures are not those of its last line. */
function changeLines(terminal: Terminal): QueueDisplay {
  const printed = new Map<string, string>();
  return {
    show(queues) {
      for (const { name, ready, unsettled, consumers } of queues) {
        const figures = `ready ${ready}  unsettled ${unsettled}  consumers ${consumers}`;
        if (printed.get(name) === figures) continue;
        printed.set(name, figures);
        terminal.print(`${new Date().toISOString()}  ${printable(name)}  ${figures}`);
      }
    },
    note: (text) => terminal.note(printable(text)),
  };
}

/** A table in the place of the one before, or below a note that came between. */
function drawnTable(terminal: Terminal): QueueDisplay {
  let lines = 0;
  return {
    show(queues) {
      const table = queues.length > 0 ? figureTable(queues, terminal) : 'no queues are declared';
      const back = lines > 0 ? `\u001b[${lines}A\u001b[J` : '';
      terminal.print(`${back}${table}\n${new Date().toISOString()}, Ctrl-C ends`);
      lines = table.split('\n').length + 1;
    },
    note(text) {
      terminal.note(printable(text));
      lines = 0;
    },
  };
}
