import type { Queries } from '../model';
import type { Reading } from '../sql/database';
import { communityQueries } from './community';
import { explorerQueries } from './explorer';
import { marketQueries } from './market';

/** All that can be asked of a read model: the same SQL for every database. */
export function queriesOn(sql: Reading): Queries {
    const explorer = explorerQueries(sql);
    return { ...explorer, ...marketQueries(sql, explorer.history), ...communityQueries(sql) };
}
