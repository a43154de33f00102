export { type ComposedDatabase, composeDatabase, inspectDatabase } from './compose.ts';
export { type DatabaseSettings, databaseSettings } from './database-settings.ts';
