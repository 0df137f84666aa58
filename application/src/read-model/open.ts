import { join } from 'node:path';
import type { Layout } from '@commonwatt/network/topology/layout';
import { InputError } from '../data/input-error';
import type { ReadModel } from './model';
import { PostgresDatabase } from './sql/postgres';
import { SqliteDatabase } from './sql/sqlite';
import type { Database } from './sql/database';
import { StoredReadModel } from './store';

/**
 * Where a read model is to lie: a file's path, or `postgres://user@host/database`. The password is taken from PGPASSWORD.
 *
 * @throws InputError where the connection carries a password
 */
export async function openDatabase(connection: string): Promise<Database> {
    if (!/^postgres(?:ql)?:\/\//i.test(connection)) {
        return new SqliteDatabase(connection);
    }
    if (tellsPassword(connection)) {
        const why =
            'everybody on this machine can read arguments: put the password into the environment variable PGPASSWORD';
        throw new InputError({ file: 'postgres://…' }, why);
    }
    return PostgresDatabase.open(connection);
}

/** Where the driver looks for it; like the driver also where no host is named. What is no address the driver refuses. */
function tellsPassword(connection: string): boolean {
    const address = [connection, connection.replace('@/', '@localhost/')].find((each) => URL.canParse(each));
    const url = address === undefined ? undefined : new URL(address);
    return url !== undefined && (url.password !== '' || url.searchParams.has('password'));
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
