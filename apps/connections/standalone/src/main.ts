/** What `npm start` runs, and the only file here that touches the process's environment and output. */
import { loadEnvironment } from '@connections/runtime';
import { runProcess } from '@connections/runtime/host';
import { startStandalone } from './standalone.ts';

await runProcess(() => {
  loadEnvironment(process.cwd());
  return startStandalone(process.env, {
    print: (text) => process.stdout.write(text),
    colour: process.stdout.isTTY && !process.env.NO_COLOR,
  });
});
