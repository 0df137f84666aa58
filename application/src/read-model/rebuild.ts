import { follow } from './follow';
import { WrongChannel, type BlockSource } from './model';
import { openDatabase } from './open';
import { OtherLayout, StoredReadModel } from './store';
import type { Database } from './sql/database';

/** What a model says of the chain up to a block. */
export interface Standing {
    readonly block: number;
    readonly digest: string;
}

export interface Rebuilt {
    /** Of the model that was there; undefined where there was none, or one of another version. */
    readonly before: Standing | undefined;
    /** Of the new one at the same block. */
    readonly again: Standing | undefined;
    /** Whether both say the same, byte for byte; true where there is nothing to compare. */
    readonly isSame: boolean;
    readonly after: Standing;
}

/**
 * Makes a read model anew from block 0, beside the one that is there, compares the two where the old one stood, and puts the new one in its place in
 * one transaction: whoever asks meanwhile is answered by the old one. Broken off at any point it leaves the old one as it is.
 *
 * @param upTo the last block that is taken in
 * @throws WrongChannel where the model that is there is of another channel
 */
export async function rebuild(
    source: BlockSource,
    connection: string,
    upTo: number,
    signal: AbortSignal,
): Promise<Rebuilt> {
    const database = await openDatabase(connection);
    try {
        const old = await opened(database);
        const before = await standing(old);
        const beside = await database.beside();
        const fresh = await StoredReadModel.over(beside);
        await upToBlock(source, fresh, signal, 0);
        await assertSameChannel(old, fresh);
        const again = before && (await upToBlock(source, fresh, signal, before.block));
        await upToBlock(source, fresh, signal, Math.max(upTo, before?.block ?? 0));
        signal.throwIfAborted();
        const after = await standing(fresh);
        await database.become(beside);
        if (after === undefined) {
            throw new Error('the source has no blocks');
        }
        return { before, again, isSame: before?.digest === again?.digest, after };
    } finally {
        await database.close();
    }
}

async function opened(database: Database): Promise<StoredReadModel | undefined> {
    try {
        return await StoredReadModel.over(database);
    } catch (error) {
        if (error instanceof OtherLayout) {
            return undefined;
        }
        throw error;
    }
}

async function standing(model: StoredReadModel | undefined): Promise<Standing | undefined> {
    const at = await model?.checkpoint();
    return at && model && { block: at.block, digest: await model.digest() };
}

async function upToBlock(
    source: BlockSource,
    model: StoredReadModel,
    signal: AbortSignal,
    upTo: number,
): Promise<Standing | undefined> {
    await follow(source, model, signal, { upTo });
    signal.throwIfAborted();
    return standing(model);
}

async function assertSameChannel(old: StoredReadModel | undefined, fresh: StoredReadModel): Promise<void> {
    const [was, is] = [await old?.checkpoint(), await fresh.checkpoint()];
    if (was !== undefined && is !== undefined && was.genesisHash !== is.genesisHash) {
        throw new WrongChannel(
            `the read model is of channel '${was.channel}' with another first block: choose another place`,
        );
    }
}
