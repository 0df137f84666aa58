import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { blockHash } from '@commonwatt/network/topology/block-hash';
import type { BlockSource } from '../../read-model/model';

/**
 * A chain that repeats what another one recorded until it has so many transactions: the same blocks in the same order under new numbers, each
 * transaction with an id of its own. Configuration blocks come once.
 */
export function repeatedChain(recorded: readonly common.Block[], transactions: number): common.Block[] {
    const chain: common.Block[] = [];
    let count = 0;
    for (let round = 0; count < transactions; round += 1) {
        const again = round === 0 ? recorded : recorded.filter((block) => !isConfiguration(block));
        for (const block of again) {
            const envelopes = block.getData()?.getDataList_asU8() ?? [];
            const fresh =
                round === 0 ? envelopes : envelopes.map((envelope, i) => withId(envelope, `${chain.length} ${i}`));
            chain.push(after(chain.at(-1), block, fresh));
            count += fresh.length;
        }
    }
    return chain;
}

/** As a peer would hand it out, without the time that takes. */
export function sourceOf(blocks: readonly common.Block[]): BlockSource {
    return {
        blocks: (from) =>
            Promise.resolve({
                close: () => undefined,
                async *[Symbol.asyncIterator]() {
                    for (const block of blocks.slice(from)) {
                        yield await Promise.resolve(block);
                    }
                },
            }),
    };
}

function after(previous: common.Block | undefined, like: common.Block, envelopes: readonly Uint8Array[]): common.Block {
    const header = new common.BlockHeader();
    header.setNumber(previous === undefined ? 0 : (previous.getHeader()?.getNumber() ?? 0) + 1);
    header.setPreviousHash(previous === undefined ? '' : Buffer.from(blockHash(previous), 'hex'));
    header.setDataHash(createHash('sha256').update(Buffer.concat(envelopes)).digest());
    const data = new common.BlockData();
    data.setDataList([...envelopes]);
    const block = new common.Block();
    block.setHeader(header);
    block.setData(data);
    block.setMetadata(like.getMetadata());
    return block;
}

function channelHeader(payload: common.Payload): common.ChannelHeader {
    return common.ChannelHeader.deserializeBinary(payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array());
}

function payloadOf(envelope: Uint8Array): common.Payload {
    return common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
}

function isConfiguration(block: common.Block): boolean {
    const [first] = block.getData()?.getDataList_asU8() ?? [];
    return first !== undefined && channelHeader(payloadOf(first)).getType() === common.HeaderType.CONFIG;
}

/** The read model checks no signatures: the peer has. */
function withId(envelope: Uint8Array, seed: string): Uint8Array {
    const payload = payloadOf(envelope);
    const header = channelHeader(payload);
    header.setTxId(createHash('sha256').update(seed).digest('hex'));
    payload.getHeader()?.setChannelHeader(header.serializeBinary());
    const again = common.Envelope.deserializeBinary(envelope);
    again.setPayload(payload.serializeBinary());
    return again.serializeBinary();
}
