import { peer } from '@hyperledger/fabric-protos';
import type { Batches, Write } from '../../ledger/stub';
import type { Abilities } from './abilities';

/**
 * By number: the shim brings messages of its own, older than these names, and of two copies in one process the one that is
 * loaded first is everybody's.
 */
const WRITE_BATCH_STATE = 24;
const GET_STATE_MULTIPLE = 25;

/** The name under which Fabric keeps a key's endorsement policy. */
const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** The part of the shim's handler of one peer that asks for something and waits for its turn and the answer. */
export interface ShimHandler {
    readonly _stream: object;
    _askPeerAndListen(message: peer.ChaincodeMessage, method: string): Promise<Uint8Array>;
}

/** A shim that is built differently is used without batches. */
export function isShimHandler(value: unknown): value is ShimHandler {
    return (
        typeof value === 'object' &&
        value !== null &&
        typeof Reflect.get(value, '_stream') === 'object' &&
        typeof Reflect.get(value, '_askPeerAndListen') === 'function'
    );
}

/** Batches of one transaction on the wire, as a peer announced that it takes them. */
export class PeerBatches implements Batches {
    readonly maxWrites: number;
    readonly maxReads: number;
    readonly #handler: ShimHandler;
    readonly #channelId: string;
    readonly #txId: string;

    constructor(handler: ShimHandler, { maxWrites, maxReads }: Abilities, channelId: string, txId: string) {
        this.maxWrites = maxWrites;
        this.maxReads = maxReads;
        this.#handler = handler;
        this.#channelId = channelId;
        this.#txId = txId;
    }

    async write(writes: readonly Write[]): Promise<void> {
        const batch = new peer.WriteBatchState();
        batch.setRecList(writes.map(record));
        await this.#ask(WRITE_BATCH_STATE, batch.serializeBinary());
    }

    async read(keys: readonly string[]): Promise<readonly Uint8Array[]> {
        const many = new peer.GetStateMultiple();
        many.setKeysList([...keys]);
        const answer = await this.#ask(GET_STATE_MULTIPLE, many.serializeBinary());
        const values = peer.GetStateMultipleResult.deserializeBinary(answer).getValuesList_asU8();
        if (values.length !== keys.length) {
            throw new Error(`the peer answered ${values.length} values for ${keys.length} keys`);
        }
        return values;
    }

    #ask(type: typeof WRITE_BATCH_STATE | typeof GET_STATE_MULTIPLE, payload: Uint8Array): Promise<Uint8Array> {
        const message = new peer.ChaincodeMessage();
        message.setType(type);
        message.setPayload(payload);
        message.setTxid(this.#txId);
        message.setChannelId(this.#channelId);
        return this.#handler._askPeerAndListen(message, 'Batch');
    }
}

function record(write: Write): peer.WriteRecord {
    const result = new peer.WriteRecord();
    result.setKey(write.key);
    if (write.kind === 'value') {
        result.setType(peer.WriteRecord.Type.PUT_STATE);
        result.setCollection(write.collection ?? '');
        result.setValue(write.value);
    } else {
        const policy = new peer.StateMetadata();
        policy.setMetakey(VALIDATION_PARAMETER);
        policy.setValue(write.policy);
        result.setType(peer.WriteRecord.Type.PUT_STATE_METADATA);
        result.setMetadata(policy);
    }
    return result;
}
