import { createHash } from 'node:crypto';
import type { ProducerCounts } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { chaincodeCalls } from '../gateway/chaincode-calls';
import type { ProducedBlock } from '../gateway/produced-blocks';

const CLEARING = 'auction:clearRound';
const CLOSING = 'stake:closeEpoch';
const NOBODY = '';

/**
 * Who produced which blocks and endorsed which clearings, from a first block to the one in which an epoch was closed: what every
 * member finds in its own peer's blocks, to the byte. A block that names no producer, as those of Fabric's own orderers, counts for
 * nobody. Undefined where the epoch is not closed in these blocks.
 */
export async function countedUntilClosing(
    blocks: AsyncIterable<ProducedBlock>,
    epoch: string,
): Promise<ProducerCounts | undefined> {
    const producers: string[] = [];
    const endorsed: string[] = [];
    let [from, cleared] = [-1, 0];
    for await (const { number, production, block } of blocks) {
        from = from === -1 ? number : from;
        producers.push(production?.producer ?? NOBODY);
        const calls = chaincodeCalls(block, [CLEARING, CLOSING]);
        const clearings = calls.filter(
            ({ chaincode, transaction }) => chaincode === 'market' && transaction === CLEARING,
        );
        cleared += clearings.length;
        endorsed.push(...clearings.flatMap(({ endorsers }) => [...new Set(endorsers)]));
        if (calls.some((call) => call.chaincode === 'governance' && closes(call, epoch))) {
            return {
                from,
                to: number,
                blocksHash: createHash('sha256').update(encode(producers)).digest('hex'),
                producers: tally(producers.filter((producer) => producer !== NOBODY)).map(([mspId, blocks]) => ({
                    mspId,
                    blocks,
                })),
                cleared,
                endorsed: tally(endorsed).map(([mspId, rounds]) => ({ mspId, rounds })),
            };
        }
    }
    return undefined;
}

function closes({ transaction, argument }: { transaction: string; argument: string }, epoch: string): boolean {
    return transaction === CLOSING && argument === encode({ epoch });
}

/** How often each stands in the list, by name. */
function tally(names: readonly string[]): [string, number][] {
    const counts = new Map<string, number>();
    names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
    return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
