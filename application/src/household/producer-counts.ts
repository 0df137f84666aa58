import { createHash } from 'node:crypto';
import { epochKey, roundKey } from '@commonwatt/chaincode/api/keys';
import {
    round as roundRecord,
    type Charter,
    type ProducerCounts,
    type RoundRecord,
} from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { isQuorum } from '@commonwatt/chaincode/domain/committee';
import { chaincodeCalls, stateKey, type ChaincodeCall } from '../gateway/chaincode-calls';
import type { ProducedBlock } from '../gateway/produced-blocks';
import { findServingCommittee } from '../market/endorsers';

const CLEARING = 'auction:clearRound';
const CLOSING = 'stake:closeEpoch';
const NOBODY = '';

/**
 * Who produced which blocks and endorsed which clearings, from a first block to the one in which an epoch was closed: what every
 * member finds in its own peer's blocks, to the byte. A block that names no producer, as those of Fabric's own orderers, counts for
 * nobody. A clearing counts once for its round, if a quorum of the round's committee has endorsed it, and for its seats only: fees are
 * paid by these counts, so nothing counts that somebody could have made alone. Undefined where the epoch is not closed in these blocks.
 */
export async function countedUntilClosing(
    blocks: AsyncIterable<ProducedBlock>,
    epoch: string,
    charter: Charter,
): Promise<ProducerCounts | undefined> {
    const producers: string[] = [];
    const helpers = new Map<number, readonly string[]>();
    let from = -1;
    for await (const { number, production, block } of blocks) {
        from = from === -1 ? number : from;
        producers.push(production?.producer ?? NOBODY);
        const calls = chaincodeCalls(block, [CLEARING, CLOSING]);
        for (const { slot, seats } of calls.flatMap((call) => clearing(call, charter) ?? [])) {
            helpers.set(slot, helpers.get(slot) ?? seats);
        }
        if (calls.some((call) => closes(call, epoch))) {
            return {
                from,
                to: number,
                blocksHash: createHash('sha256').update(encode(producers)).digest('hex'),
                producers: tally(producers.filter((producer) => producer !== NOBODY)).map(([mspId, blocks]) => ({
                    mspId,
                    blocks,
                })),
                cleared: helpers.size,
                endorsed: tally([...helpers.values()].flat()).map(([mspId, rounds]) => ({ mspId, rounds })),
            };
        }
    }
    return undefined;
}

/** The key of an epoch is the community's: only the chaincode that it agreed on, or a majority, closes one. */
function closes({ chaincode, transaction, argument, writes }: ChaincodeCall, epoch: string): boolean {
    return (
        chaincode === 'governance' &&
        transaction === CLOSING &&
        argument === encode({ epoch }) &&
        writes.has(stateKey(epochKey(epoch)))
    );
}

/** The round that was cleared and the seats that endorsed it, if they are a quorum. */
function clearing(
    { chaincode, transaction, writes, endorsers }: ChaincodeCall,
    charter: Charter,
): { readonly slot: number; readonly seats: readonly string[] } | undefined {
    if (chaincode !== 'market' || transaction !== CLEARING) {
        return undefined;
    }
    const round = [...writes].map(([key, value]) => clearedRound(key, value)).find((found) => found !== undefined);
    const committee = round === undefined ? undefined : findServingCommittee(charter, round);
    if (round === undefined || committee === undefined || !isQuorum(committee, endorsers)) {
        return undefined;
    }
    return {
        slot: round.slot,
        seats: committee.seats.map(({ mspId }) => mspId).filter((each) => endorsers.includes(each)),
    };
}

function clearedRound(key: string, value: string): RoundRecord | undefined {
    const found = roundRecord.safeParse(jsonOf(value));
    const isCleared = found.success && found.data.status === 'cleared';
    return isCleared && stateKey(roundKey(found.data.day, found.data.slot)) === key ? found.data : undefined;
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** How often each stands in the list, by name. */
function tally(names: readonly string[]): [string, number][] {
    const counts = new Map<string, number>();
    names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
    return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
