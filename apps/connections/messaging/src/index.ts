export {
  askMessaging,
  type BrokerAnswer,
  composeMessaging,
  inspectMessaging,
  type MessagingTools,
} from './compose.ts';
export type { ReadTaskStatus } from './driver/grpc-tasks/polled-task-transitions.ts';
export { type MessagingSettings, messagingSettings } from './messaging-settings.ts';
