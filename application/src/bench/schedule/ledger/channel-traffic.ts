import type { MemberGateway } from '../../../gateway/member-gateway';
import { decodeBlock } from '../../../read-model/blocks/block';
import { tenths } from '../../statistics';

/** All transactions of one kind, as they stand in blocks. */
export interface TrafficFigures {
    readonly transaction: string;
    readonly count: number;
    readonly kilobytes: number;
    /** How many of them the grid operator endorsed: it saw their private inputs. */
    readonly operatorSaw: number;
    /** How many households besides the one that sent it endorsed each, on average: they saw them, too. */
    readonly othersSaw: number;
}

interface Seen {
    readonly transaction: string;
    readonly bytes: number;
    readonly isOperator: boolean;
    readonly others: number;
}

/** What came onto the channel from a block on, by kind of transaction, most bytes first. */
export async function trafficSince(gateway: MemberGateway, operator: string, from: number): Promise<TrafficFigures[]> {
    const seen = new Map<string, Seen[]>();
    for (const each of await transactionsSince(gateway, operator, from)) {
        seen.set(each.transaction, [...(seen.get(each.transaction) ?? []), each]);
    }
    return [...seen]
        .map(([transaction, all]): TrafficFigures => ({
            transaction,
            count: all.length,
            kilobytes: tenths(sum(all.map(({ bytes }) => bytes)) / 1000),
            operatorSaw: all.filter(({ isOperator }) => isOperator).length,
            othersSaw: tenths(sum(all.map(({ others }) => others)) / all.length),
        }))
        .sort((one, other) => other.kilobytes - one.kilobytes);
}

async function transactionsSince(gateway: MemberGateway, operator: string, from: number): Promise<Seen[]> {
    const end = await gateway.height();
    const found: Seen[] = [];
    if (from >= end) {
        return found;
    }
    const blocks = await gateway.blocks(from);
    try {
        for await (const block of blocks) {
            const { number, transactions } = decodeBlock(block);
            for (const { action, creator, bytes } of transactions) {
                if (action !== undefined) {
                    const others = action.endorsers.filter((mspId) => mspId !== creator && mspId !== operator);
                    const isOperator = action.endorsers.includes(operator);
                    found.push({ transaction: action.function, bytes, isOperator, others: others.length });
                }
            }
            if (number >= end - 1) {
                break;
            }
        }
    } finally {
        blocks.close();
    }
    return found;
}

const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
