import type { TxRwSet } from '../../../fabric/rwset';
import type { ChaincodeEvent } from '../api';

/** A transaction after every check but that of its reads. */
export interface ValidatedTransaction {
    readonly txId: string;
    /** common.HeaderType, -1 where the envelope does not say. */
    readonly type: number;
    /** peer.TxValidationCode */
    readonly code: number;
    /** Of endorser transactions whose code is VALID so far. */
    readonly rwset?: TxRwSet;
    readonly chaincodeEvent?: ChaincodeEvent;
    /** Bytes of the ConfigEnvelope, of configuration transactions. */
    readonly config?: Uint8Array;
}

/** Whether this peer keeps a collection's plaintext. */
export type Membership = (namespace: string, collection: string) => boolean;

/** How many blocks a collection's data live; 0 for ever. */
export type BlocksToLive = (namespace: string, collection: string) => number;

/** What a peer has to know of collections to commit a block. */
export interface CollectionRules {
    readonly isMember: Membership;
    readonly blocksToLive: BlocksToLive;
}
