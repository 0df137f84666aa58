import { common } from '@hyperledger/fabric-protos';

import { blockEnvelopes, decodeBlock } from '../../fabric/blocks';
import { parseEnvelope } from '../../fabric/envelopes';
import type { KeyModification } from './api';
import { isDeletion } from './commit/write-set';
import { KEY, RANGE, heightAtEnd } from './store/keys';
import { LedgerCorrupt } from './store/ledger-store';
import type { LedgerStore } from './store/ledger-store';

function timestampOf(channelHeader: Uint8Array): KeyModification['timestamp'] {
    const timestamp = common.ChannelHeader.deserializeBinary(channelHeader).getTimestamp();
    return { seconds: timestamp?.getSeconds() ?? 0, nanos: timestamp?.getNanos() ?? 0 };
}

/** The database knows which transactions wrote a key; what they wrote stands in their blocks. */
function modification(envelope: Uint8Array, namespace: string, key: string): KeyModification | undefined {
    const parsed = parseEnvelope(envelope);
    const write = parsed
        .transaction()
        .rwSet.namespaces.find(({ name }) => name === namespace)
        ?.writes.find((one) => one.key === key);
    return (
        write && {
            txId: parsed.txId,
            value: write.value,
            timestamp: timestampOf(parsed.channelHeader),
            isDelete: isDeletion(write),
        }
    );
}

/** Modifications of a key by valid transactions, newest first. */
export async function* historyOf(store: LedgerStore, namespace: string, key: string): AsyncGenerator<KeyModification> {
    for await (const [index] of store.entries(RANGE.history(namespace, key), true)) {
        const { block, tx } = heightAtEnd(index);
        const bytes = store.get(KEY.block(block));
        const envelope = bytes && blockEnvelopes(decodeBlock(bytes))[tx];
        const found = envelope && modification(envelope, namespace, key);
        if (found === undefined) {
            throw new LedgerCorrupt(`block ${block} has no write of ${namespace}/${key} at ${tx}`);
        }
        yield found;
    }
}
