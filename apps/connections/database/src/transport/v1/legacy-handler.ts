/** The rpc of connections.tasks.v1 that imports the tasks of the first implementation. */
import type { Handlers } from '@connections/grpc';
import type { taskService } from '@connections/proto-utils';
import type { LegacyImport } from '../../service/legacy-import.ts';

export type LegacyMethod = 'importLegacyTasks';

export function createLegacyHandler(legacy: LegacyImport): Pick<Handlers<typeof taskService>, LegacyMethod> {
  return {
    async importLegacyTasks(request, { principal, ending }) {
      const { problems, ...page } = await legacy.page(request, principal.name, ending);
      const { known, removed, imported, unreadable } = page;
      return { ...page, found: known + removed + imported + unreadable, problems: [...problems] };
    },
  };
}
