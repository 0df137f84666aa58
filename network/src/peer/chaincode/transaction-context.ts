import type { peer } from '@hyperledger/fabric-protos';

import type { SignedData } from '../../fabric/policy';
import type { KeyModification, Simulator } from '../ledger/api';

/** What a chaincode may do with a private collection on behalf of the transaction's creator. */
export interface CollectionPermission {
    readonly read: boolean;
    readonly write: boolean;
}

/** One transaction as its chaincodes see it: a nested call shares it with its caller. */
export interface Transaction {
    readonly channelId: string;
    readonly txId: string;
    readonly signedProposal: peer.SignedProposal;
    /** The same proposal as its creator signed it. */
    readonly proposal: SignedData;
    readonly simulator: Simulator;
    /** Modifications of a key, newest first. */
    history(namespace: string, key: string): AsyncIterable<KeyModification>;
    /** Throws for a collection that is not defined. */
    collectionPermission(namespace: string, collection: string): Promise<CollectionPermission>;
}

/** Encoded results of a range or history query, one by one. */
export interface ResultIterator {
    next(): Promise<Uint8Array | undefined>;
    bookmark(): Promise<string>;
    close(): Promise<void>;
}

/** A query whose results the chaincode has not all fetched. */
export interface OpenQuery {
    readonly results: ResultIterator;
    readonly paginated: boolean;
    readonly limit: number;
    pending: Uint8Array[];
    returned: number;
}

/** One call of one chaincode within a transaction; the requests of that call arrive one after the other. */
export class TransactionContext {
    private readonly queries = new Map<string, OpenQuery>();
    private readonly permissions = new Map<string, CollectionPermission>();
    private nextQuery = 0;

    constructor(
        readonly transaction: Transaction,
        readonly namespace: string,
        readonly isInit: boolean,
    ) {}

    get simulator(): Simulator {
        return this.transaction.simulator;
    }

    openQuery(results: ResultIterator, paginated: boolean, limit: number): string {
        this.nextQuery += 1;
        const id = `${this.namespace}-${this.nextQuery}`;
        this.queries.set(id, { results, paginated, limit, pending: [], returned: 0 });
        return id;
    }

    query(id: string): OpenQuery | undefined {
        return this.queries.get(id);
    }

    async closeQuery(id: string): Promise<void> {
        const query = this.queries.get(id);
        this.queries.delete(id);
        await query?.results.close();
    }

    async closeQueries(): Promise<void> {
        await Promise.all([...this.queries.keys()].map((id) => this.closeQuery(id)));
    }

    /** Throws for a collection that is not defined: its hashes are anybody's to read. */
    async mustExist(collection: string): Promise<void> {
        await this.permission(collection);
    }

    /** Throws unless the creator may read the collection through this chaincode. */
    async mustBeReadable(collection: string): Promise<void> {
        if (!(await this.permission(collection)).read) throw this.noAccess('read', collection);
    }

    /** Throws unless the creator may write the collection through this chaincode. */
    async mustBeWritable(collection: string): Promise<void> {
        if (!(await this.permission(collection)).write) throw this.noAccess('write', collection);
    }

    private async permission(collection: string): Promise<CollectionPermission> {
        if (this.isInit) throw new Error('private data APIs are not allowed in chaincode Init()');
        const known = this.permissions.get(collection);
        if (known) return known;
        const found = await this.transaction.collectionPermission(this.namespace, collection);
        this.permissions.set(collection, found);
        return found;
    }

    private noAccess(kind: 'read' | 'write', collection: string): Error {
        return new Error(
            `tx creator does not have ${kind} access permission on privatedata in chaincodeName:${this.namespace} collectionName: ${collection}`,
        );
    }
}
