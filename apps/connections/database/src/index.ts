export { type ComposedDatabase, composeDatabase } from './compose.ts';
export { type DatabaseSettings, databaseSettings } from './database-settings.ts';
