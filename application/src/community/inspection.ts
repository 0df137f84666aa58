import { StatusCode } from '@hyperledger/fabric-gateway';
import { peerDigests } from '@commonwatt/network/topology/peer-digests';
import type { Layout } from '@commonwatt/network/topology/layout';
import type { Topology } from '@commonwatt/network/topology/topology';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChannelFacts } from '../report/day-summary';
import type { CommunityMembers } from './members';

/** Peers commit one after the other; so long a slow one may take for the last block. */
const PATIENCE_MS = 15_000;
const POLL_MS = 100;

type Digests = Awaited<ReturnType<typeof peerDigests>>;

/** Counts the channel's transactions at the grid operator's peer, and compares all peers. */
export async function channelFacts(members: CommunityMembers): Promise<ChannelFacts> {
    const { topology, layout } = members;
    const digests = await settledDigests(topology, layout);
    const height = Math.max(...digests.map((each) => each.height));
    return { ...(await transactionsUpTo(members, height)), peersAgree: agree(digests) };
}

/** True where every peer has the same blocks, validation codes and state, byte for byte. */
export function agree(digests: Digests): boolean {
    const distinct = new Set(
        digests.map(({ height, blockHash, codesDigest, stateDigest }) =>
            [height, blockHash, codesDigest, stateDigest].join('/'),
        ),
    );
    return distinct.size === 1;
}

async function settledDigests(topology: Topology, layout: Layout): Promise<Digests> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
        const digests = await peerDigests(topology, layout);
        const heights = new Set(digests.map(({ height }) => height));
        if (heights.size === 1 || Date.now() > deadline) {
            return digests;
        }
        await pause(POLL_MS);
    }
}

async function transactionsUpTo(
    members: CommunityMembers,
    height: number,
): Promise<Pick<ChannelFacts, 'transactions' | 'invalid'>> {
    const names = new Map(Object.entries(StatusCode).map(([name, code]) => [code as number, name]));
    const invalid: Record<string, number> = {};
    let transactions = 0;
    const blocks = await members.operator.calls.gateway.filteredBlocks();
    try {
        for await (const block of blocks) {
            for (const { code, isOfChaincode } of block.transactions) {
                transactions += isOfChaincode ? 1 : 0;
                if (code !== StatusCode.VALID) {
                    const name = names.get(code) ?? `code ${code}`;
                    invalid[name] = (invalid[name] ?? 0) + 1;
                }
            }
            if (block.number >= height - 1) {
                break;
            }
        }
    } finally {
        blocks.close();
    }
    return { transactions, invalid };
}
