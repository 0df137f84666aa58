import { peer } from '@hyperledger/fabric-protos';

import { getHistoryForKey, getQueryResult, getStateByRange, queryStateClose, queryStateNext } from './queries';
import type { TransactionContext } from './transaction-context';

const { Type } = peer.ChaincodeMessage;

/** Answers one request of a chaincode: takes the payload of the request, gives the payload of the response. */
export type RequestHandler = (payload: Uint8Array, context: TransactionContext) => Promise<Uint8Array>;

const NOTHING = new Uint8Array();

async function read(context: TransactionContext, collection: string, key: string): Promise<Uint8Array> {
    if (collection === '') return (await context.simulator.getState(context.namespace, key)) ?? NOTHING;
    await context.mustBeReadable(collection);
    return (await context.simulator.getPrivateData(context.namespace, collection, key)) ?? NOTHING;
}

async function put(context: TransactionContext, collection: string, key: string, value: Uint8Array): Promise<void> {
    if (collection === '') {
        context.simulator.putState(context.namespace, key, value);
        return;
    }
    await context.mustBeWritable(collection);
    context.simulator.putPrivateData(context.namespace, collection, key, value);
}

async function del(context: TransactionContext, collection: string, key: string): Promise<void> {
    if (collection === '') {
        context.simulator.deleteState(context.namespace, key);
        return;
    }
    await context.mustBeWritable(collection);
    context.simulator.deletePrivateData(context.namespace, collection, key);
}

async function purge(context: TransactionContext, collection: string, key: string): Promise<void> {
    if (collection === '') throw new Error('only applicable for private data');
    await context.mustBeWritable(collection);
    context.simulator.purgePrivateData(context.namespace, collection, key);
}

async function putMetadata(
    context: TransactionContext,
    collection: string,
    key: string,
    metadata: peer.StateMetadata,
): Promise<void> {
    const entries = new Map([[metadata.getMetakey(), metadata.getValue_asU8()]]);
    if (collection === '') {
        context.simulator.putStateMetadata(context.namespace, key, entries);
        return;
    }
    await context.mustBeWritable(collection);
    context.simulator.putPrivateDataMetadata(context.namespace, collection, key, entries);
}

async function getState(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetState.deserializeBinary(payload);
    return read(context, request.getCollection(), request.getKey());
}

async function getStateMultiple(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetStateMultiple.deserializeBinary(payload);
    const values: Uint8Array[] = [];
    for (const key of request.getKeysList()) values.push(await read(context, request.getCollection(), key));
    const result = new peer.GetStateMultipleResult();
    result.setValuesList(values);
    return result.serializeBinary();
}

async function getPrivateDataHash(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetState.deserializeBinary(payload);
    const { namespace, simulator } = context;
    await context.mustExist(request.getCollection());
    return (await simulator.getPrivateDataHash(namespace, request.getCollection(), request.getKey())) ?? NOTHING;
}

async function getStateMetadata(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetStateMetadata.deserializeBinary(payload);
    const { namespace, simulator } = context;
    const collection = request.getCollection();
    if (collection !== '') await context.mustBeReadable(collection);
    const metadata =
        collection === ''
            ? await simulator.getStateMetadata(namespace, request.getKey())
            : await simulator.getPrivateDataMetadata(namespace, collection, request.getKey());
    const result = new peer.StateMetadataResult();
    result.setEntriesList(
        [...metadata].map(([name, value]) => {
            const entry = new peer.StateMetadata();
            entry.setMetakey(name);
            entry.setValue(value);
            return entry;
        }),
    );
    return result.serializeBinary();
}

async function putState(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.PutState.deserializeBinary(payload);
    await put(context, request.getCollection(), request.getKey(), request.getValue_asU8());
    return NOTHING;
}

async function delState(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.DelState.deserializeBinary(payload);
    await del(context, request.getCollection(), request.getKey());
    return NOTHING;
}

async function purgePrivateData(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.PurgePrivateState.deserializeBinary(payload);
    await purge(context, request.getCollection(), request.getKey());
    return NOTHING;
}

async function putStateMetadata(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.PutStateMetadata.deserializeBinary(payload);
    const metadata = request.getMetadata();
    if (!metadata) throw new Error('no metadata to put');
    await putMetadata(context, request.getCollection(), request.getKey(), metadata);
    return NOTHING;
}

function writeRecord(record: peer.WriteRecord, context: TransactionContext): Promise<void> {
    const [collection, key] = [record.getCollection(), record.getKey()];
    switch (record.getType()) {
        case peer.WriteRecord.Type.PUT_STATE:
            return put(context, collection, key, record.getValue_asU8());
        case peer.WriteRecord.Type.DEL_STATE:
            return del(context, collection, key);
        case peer.WriteRecord.Type.PURGE_PRIVATE_DATA:
            return purge(context, collection, key);
        case peer.WriteRecord.Type.PUT_STATE_METADATA:
            return putMetadata(context, collection, key, record.getMetadata() ?? new peer.StateMetadata());
        default:
            return Promise.reject(new Error('unknown operation type'));
    }
}

async function writeBatch(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    for (const record of peer.WriteBatchState.deserializeBinary(payload).getRecList()) {
        await writeRecord(record, context);
    }
    return NOTHING;
}

/** Everything a chaincode may ask of its ledger; calls of other chaincodes are the connection's own business. */
export const STATE_REQUESTS: ReadonlyMap<number, RequestHandler> = new Map<number, RequestHandler>([
    [Type.GET_STATE, getState],
    [Type.GET_STATE_MULTIPLE, getStateMultiple],
    [Type.GET_STATE_METADATA, getStateMetadata],
    [Type.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
    [Type.GET_STATE_BY_RANGE, getStateByRange],
    [Type.GET_QUERY_RESULT, getQueryResult],
    [Type.GET_HISTORY_FOR_KEY, getHistoryForKey],
    [Type.QUERY_STATE_NEXT, queryStateNext],
    [Type.QUERY_STATE_CLOSE, queryStateClose],
    [Type.PUT_STATE, putState],
    [Type.PUT_STATE_METADATA, putStateMetadata],
    [Type.DEL_STATE, delState],
    [Type.PURGE_PRIVATE_DATA, purgePrivateData],
    [Type.WRITE_BATCH_STATE, writeBatch],
]);
