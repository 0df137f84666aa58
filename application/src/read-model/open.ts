import { join } from 'node:path';
import type { Layout } from '@commonwatt/network/topology/layout';
import type { ReadModel } from './model';
import { PostgresDatabase } from './sql/postgres';
import { SqliteDatabase } from './sql/sqlite';
import type { Database } from './sql/database';
import { StoredReadModel } from './store';

/** Where a read model is to lie: a file's path, or `postgres://user@host/database`. */
export async function openDatabase(connection: string): Promise<Database> {
    return /^postgres(?:ql)?:\/\//.test(connection)
        ? PostgresDatabase.open(connection)
        : new SqliteDatabase(connection);
}

/**
 * Opens a read model, or makes an empty one.
 *
 * @throws OtherLayout where another version made it
 */
export async function openReadModel(connection: string): Promise<ReadModel> {
    const database = await openDatabase(connection);
    try {
        return await StoredReadModel.over(database);
    } catch (error) {
        await database.close();
        throw error;
    }
}

/** Where an organisation's read model is, unless somebody says otherwise. */
export const readModelFile = (layout: Layout, organisationId: string): string =>
    join(layout.readModels, `${organisationId}.sqlite`);
