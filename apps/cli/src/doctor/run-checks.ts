/** Everything that `doctor` looks at, in the order of a first start. Nothing is changed. */

import type { Environment } from '@connections/runtime';
import { inspectDatabase, inspectMessaging } from '@connections/standalone';
import type { Check } from './check.ts';
import { checkData } from './data-check.ts';
import { checkNode, wantedNode } from './node-check.ts';
import { checkPorts } from './port-check.ts';
import { checkService } from './service-check.ts';
import { checkSettings } from './settings-check.ts';
import { checkStores } from './stores-check.ts';
import { checkTools } from './tool-check.ts';

export interface CheckOptions {
  /** Of each question to a service. */
  readonly timeoutMs: number;
  readonly interrupted: AbortSignal;
}

export async function runChecks(env: Environment, options: CheckOptions): Promise<Check[]> {
  const { checks, settings } = checkSettings(env);
  const [tools, database, messaging, stores, databaseData, messagingData] = await Promise.all([
    checkTools(env, options.interrupted),
    checkService('database', settings, options),
    checkService('messaging', settings, options),
    checkStores(settings, options),
    inspectDatabase(settings.database),
    inspectMessaging(settings.messaging),
  ]);
  return [
    checkNode(process.versions.node, wantedNode()),
    ...checks,
    ...(await checkPorts([...database.ports, ...messaging.ports])),
    checkData('database', databaseData, database.answers),
    checkData('messaging', messagingData, messaging.answers),
    ...stores,
    database.check,
    messaging.check,
    ...tools,
  ];
}
