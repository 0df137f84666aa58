import type { OrderingPower } from '@commonwatt/network/topology/ordering-powers';
import { plainRotation, type PlainEra } from '../audit/plain-rotation';
import type { ProducedBlock } from '../gateway/produced-blocks';

/** What counts of a block: its bytes need not be kept. */
export interface NumberedProduction extends Pick<ProducedBlock, 'number' | 'production'> {
    /** Of a configuration block: the powers that it sets. */
    readonly powers?: readonly OrderingPower[] | undefined;
}

export interface ProducerShare {
    readonly mspId: string;
    /** The newest. */
    readonly power: bigint;
    readonly blocks: number;
    /** Turns of the rotation that fell to it, of the heights at which blocks were made. */
    readonly turns: number;
}

/** Who produced which blocks of a range, against the powers. */
export interface Production {
    readonly from: number;
    readonly to: number;
    readonly producers: readonly ProducerShare[];
    /** Blocks that another than the one whose turn it was produced: its turn had passed without an answer. */
    readonly outOfTurn: readonly { readonly block: number; readonly producer: string; readonly due: string }[];
    /** Blocks from which powers were changed. */
    readonly changedIn: readonly number[];
    /** Blocks whose metadata name nobody: the channel's first, and all of Fabric's own orderers. */
    readonly unnamed: number;
}

/** Powers that a block at one height of the engine sets vote so many heights later. */
const VOTE_AFTER_HEIGHTS = 2;

/**
 * Counts producers from a block on, and works out from the powers in the channel's configuration whose turn each of the engine's heights was:
 * so the blocks are all from the first.
 */
export function productionOf(blocks: readonly NumberedProduction[], from: number): Production {
    const changes = powerChanges(blocks);
    const height = Math.max(0, ...blocks.map(({ production }) => production?.height ?? 0));
    const due = plainRotation(
        changes.map(({ era }) => era),
        changes.length === 0 ? 0 : height,
    );
    const counted = blocks.filter(({ number }) => number >= from);
    const named = counted.flatMap(({ number, production }) =>
        production === undefined
            ? []
            : [{ block: number, producer: production.producer, due: due[production.height - 1] ?? '' }],
    );
    const powers = new Map(changes.at(-1)?.era.seats.map(({ id, power }) => [id, power]));
    const everybody = [...new Set([...powers.keys(), ...named.map(({ producer }) => producer)])];
    return {
        from: counted[0]?.number ?? 0,
        to: counted.at(-1)?.number ?? 0,
        producers: everybody.map((mspId) => ({
            mspId,
            power: powers.get(mspId) ?? 0n,
            blocks: named.filter(({ producer }) => producer === mspId).length,
            turns: named.filter((each) => each.due === mspId).length,
        })),
        outOfTurn: named.filter((each) => each.producer !== each.due),
        changedIn: changes.slice(1).map(({ block }) => block),
        unnamed: counted.length - named.length,
    };
}

/** Configuration blocks that set other powers than those before them. */
function powerChanges(blocks: readonly NumberedProduction[]): { readonly block: number; readonly era: PlainEra }[] {
    const changes: { block: number; era: PlainEra }[] = [];
    for (const { number, production, powers } of blocks) {
        const seats = powers?.map(({ mspId, ...seat }) => ({ id: mspId, ...seat }));
        const before = changes.at(-1)?.era.seats;
        if (seats !== undefined && (before === undefined || !isSame(seats, before))) {
            const fromHeight = production === undefined ? 1 : production.height + VOTE_AFTER_HEIGHTS;
            changes.push({ block: number, era: { fromHeight, seats } });
        }
    }
    return changes;
}

function isSame(seats: PlainEra['seats'], others: PlainEra['seats']): boolean {
    const text = (all: PlainEra['seats']): string => all.map((each) => `${each.tieBreak} ${each.power}`).join(', ');
    return text(seats) === text(others);
}
