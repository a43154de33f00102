/** Deliveries that are not settled, on the embedded broker. */
import { withQueue } from './jobs-queue.ts';
import { subscribeCases } from './subscribe-cases.ts';

subscribeCases({ open: withQueue, takesAhead: false });
