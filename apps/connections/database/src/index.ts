export { type ComposedDatabase, composeDatabase, type DatabaseTools } from './compose.ts';
export { type DatabaseSettings, databaseSettings } from './database-settings.ts';
