/** The tables of settings of the process that holds both services. */
import { databaseSettings } from '@connections/database';
import { messagingSettings } from '@connections/messaging';
import { processSettings } from '@connections/runtime';

export const standaloneSettings = {
  process: processSettings,
  database: databaseSettings,
  messaging: messagingSettings,
} as const;
