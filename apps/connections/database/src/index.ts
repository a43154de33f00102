export {
  askDatabase,
  type ComposedDatabase,
  composeDatabase,
  inspectDatabase,
  type StoreAnswer,
} from './compose.ts';
export { type DatabaseSettings, databaseSettings } from './database-settings.ts';
