import type { common } from '@hyperledger/fabric-protos';

import type { Bundle } from '../../fabric/channel-config';
import type { CommitEvent } from '../ledger/api';
import type { PeerLedger } from '../ledger/peer-ledger';
import type { ChaincodeDefinition } from '../lifecycle-state';

export interface PeerChannelOptions {
    /** Directory of the database: one per peer and channel. */
    readonly directory: string;
    readonly mspId: string;
    /** SerializedIdentity bytes of the peer: decides membership in explicit collections. */
    readonly identity: Uint8Array;
}

/** Why a block was not taken: another source may have a better one. */
export class BlockRefused extends Error {
    override readonly name = 'BlockRefused';
}

/** Fabric halts the channel here (a malformed key policy, a configuration that was not authorised): so do we, state unchanged. */
export class ChannelHalted extends Error {
    override readonly name = 'ChannelHalted';
}

/** A peer's membership in a channel: verifies, validates and commits blocks one after the other. */
export abstract class PeerChannel {
    abstract readonly ledger: PeerLedger;
    /** Configuration in force after the last committed block. */
    abstract readonly bundle: Bundle;
    abstract readonly channelId: string;

    /** Opens what is on disk; a genesis block is committed when there is nothing yet, and compared when there is. */
    static open(_options: PeerChannelOptions, _genesis?: common.Block): Promise<PeerChannel> {
        throw new Error('not yet');
    }

    /**
     * Checks hash chain and orderers' signatures, validates every transaction as Fabric does, commits, calls listeners.
     * Throws BlockRefused (nothing changed, ask another orderer) or ChannelHalted. Calls are queued.
     */
    abstract commit(block: common.Block): Promise<CommitEvent>;
    /** Committed definition at the last height; undefined when there is none. */
    abstract definition(chaincode: string): ChaincodeDefinition | undefined;
    /** Whether this peer keeps the collection's plaintext. */
    abstract isMemberOf(chaincode: string, collection: string): boolean;
    abstract close(): Promise<void>;
}
