/** The Messaging service as a process of its own. */
import { runService } from '@connections/runtime/host';
import { composeMessaging } from './compose.ts';
import { messagingSettings } from './messaging-settings.ts';

await runService({
  name: 'messaging',
  table: messagingSettings,
  compose: composeMessaging,
  env: process.env,
  folder: process.cwd(),
});
