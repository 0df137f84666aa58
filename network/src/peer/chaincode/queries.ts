import { ledger, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';

import type { KeyModification, RangeIterator } from '../ledger/api';
import type { OpenQuery, ResultIterator, TransactionContext } from './transaction-context';

/** Results sent to the chaincode at a time; more wait for QUERY_STATE_NEXT. */
const BATCH_SIZE = 100;
/** Fabric's ledger.state.totalQueryLimit. */
const TOTAL_QUERY_LIMIT = 100_000;

const { KV, KeyModification: KeyModificationMessage } = ledger.queryresult;

function rangeResults(namespace: string, range: RangeIterator): ResultIterator {
    return {
        next: async () => {
            const result = await range.next();
            if (!result) return undefined;
            const kv = new KV();
            kv.setNamespace(namespace);
            kv.setKey(result.key);
            kv.setValue(result.value);
            return kv.serializeBinary();
        },
        bookmark: () => range.bookmark(),
        close: () => range.close(),
    };
}

function historyResults(modifications: AsyncIterable<KeyModification>): ResultIterator {
    const iterator = modifications[Symbol.asyncIterator]();
    return {
        next: async () => {
            const result = await iterator.next();
            if (result.done) return undefined;
            const { txId, value, timestamp, isDelete } = result.value;
            const message = new KeyModificationMessage();
            message.setTxId(txId);
            message.setValue(value);
            const stamp = new Timestamp();
            stamp.setSeconds(timestamp.seconds);
            stamp.setNanos(timestamp.nanos);
            message.setTimestamp(stamp);
            message.setIsDelete(isDelete);
            return message.serializeBinary();
        },
        bookmark: () => Promise.resolve(''),
        close: async () => {
            await iterator.return?.();
        },
    };
}

function queryResponse(id: string, results: readonly Uint8Array[], hasMore: boolean): peer.QueryResponse {
    const response = new peer.QueryResponse();
    response.setId(id);
    response.setHasMore(hasMore);
    response.setResultsList(
        results.map((bytes) => {
            const result = new peer.QueryResultBytes();
            result.setResultbytes(bytes);
            return result;
        }),
    );
    return response;
}

function cut(query: OpenQuery): Uint8Array[] {
    const batch = query.pending;
    query.pending = [];
    return batch;
}

async function lastResponse(context: TransactionContext, id: string, query: OpenQuery): Promise<Uint8Array> {
    const response = queryResponse(id, cut(query), false);
    if (query.paginated) {
        const metadata = new peer.QueryResponseMetadata();
        metadata.setBookmark(await query.results.bookmark());
        metadata.setFetchedRecordsCount(query.returned);
        response.setMetadata(metadata.serializeBinary());
    }
    await context.closeQuery(id);
    return response.serializeBinary();
}

/**
 * The next batch of a query. Without pagination one result more than a batch is read, so that the last batch says that it is
 * the last; with pagination nothing is read beyond the page, which keeps the read set as small as the page.
 */
async function nextBatch(context: TransactionContext, id: string, query: OpenQuery): Promise<Uint8Array> {
    for (;;) {
        if (query.returned >= query.limit) return lastResponse(context, id, query);
        const result = await query.results.next();
        if (result === undefined) return lastResponse(context, id, query);
        query.returned += 1;
        if (!query.paginated && query.pending.length === BATCH_SIZE) {
            const batch = cut(query);
            query.pending.push(result);
            return queryResponse(id, batch, true).serializeBinary();
        }
        query.pending.push(result);
    }
}

async function firstBatch(
    context: TransactionContext,
    results: ResultIterator,
    paginated: boolean,
    limit: number,
): Promise<Uint8Array> {
    const id = context.openQuery(results, paginated, limit);
    try {
        return await nextBatch(context, id, context.query(id) as OpenQuery);
    } catch (cause) {
        await context.closeQuery(id);
        throw cause;
    }
}

export async function getStateByRange(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetStateByRange.deserializeBinary(payload);
    const page = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
    const limit = page.getPagesize() > 0 ? Math.min(page.getPagesize(), TOTAL_QUERY_LIMIT) : TOTAL_QUERY_LIMIT;
    const { namespace, simulator } = context;
    const collection = request.getCollection();
    const end = request.getEndkey();
    if (collection !== '') {
        await context.mustBeReadable(collection);
        const range = simulator.getPrivateDataRange(namespace, collection, request.getStartkey(), end);
        return firstBatch(context, rangeResults(namespace, range), false, limit);
    }
    if (page.getPagesize() === 0 && page.getBookmark() === '') {
        const range = simulator.getStateRange(namespace, request.getStartkey(), end);
        return firstBatch(context, rangeResults(namespace, range), false, limit);
    }
    const start = page.getBookmark() === '' ? request.getStartkey() : page.getBookmark();
    const range = simulator.getStateRange(namespace, start, end, page.getPagesize());
    return firstBatch(context, rangeResults(namespace, range), true, limit);
}

export async function getHistoryForKey(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const request = peer.GetHistoryForKey.deserializeBinary(payload);
    const modifications = context.transaction.history(context.namespace, request.getKey());
    return firstBatch(context, historyResults(modifications), false, TOTAL_QUERY_LIMIT);
}

/** Rich queries need CouchDB; a peer on LevelDB refuses them in these words. */
export function getQueryResult(): Promise<Uint8Array> {
    return Promise.reject(new Error('ExecuteQuery not supported for leveldb'));
}

export async function queryStateNext(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const id = peer.QueryStateNext.deserializeBinary(payload).getId();
    const query = context.query(id);
    if (!query) throw new Error('query iterator not found');
    try {
        return await nextBatch(context, id, query);
    } catch (cause) {
        await context.closeQuery(id);
        throw cause;
    }
}

export async function queryStateClose(payload: Uint8Array, context: TransactionContext): Promise<Uint8Array> {
    const id = peer.QueryStateClose.deserializeBinary(payload).getId();
    await context.closeQuery(id);
    return queryResponse(id, [], false).serializeBinary();
}
