/** A program that makes one call and leaves its channel open. */
import { createChannel, createClient } from '../src/index.ts';
import { noteService } from './note-service.ts';

const [port, healthCheck] = process.argv.slice(2);
const channel = createChannel(`127.0.0.1:${port}`, healthCheck === undefined ? {} : { healthCheck });
createClient(noteService, channel)
  .get({ text: 'hi' })
  .then(() => console.log('answered'));
