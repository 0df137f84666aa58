import { plainRotation } from '../audit/plain-rotation';
import type { ProducedBlock } from '../gateway/produced-blocks';

/** What counts of a block: its bytes need not be kept. */
export type NumberedProduction = Pick<ProducedBlock, 'number' | 'production'>;

export interface OrderingPower {
    readonly mspId: string;
    readonly power: bigint;
}

export interface ProducerShare {
    readonly mspId: string;
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
    /** Blocks whose metadata name nobody: the channel's first, and all of Fabric's own orderers. */
    readonly unnamed: number;
}

/**
 * Counts producers, and works out from the powers alone whose turn each of the engine's heights was.
 */
export function productionOf(blocks: readonly NumberedProduction[], powers: readonly OrderingPower[]): Production {
    const named = blocks.flatMap(({ number, production }) =>
        production === undefined ? [] : [{ number, ...production }],
    );
    const seats = powers.map(({ mspId, power }) => ({ id: mspId, power }));
    const due = plainRotation(seats, Math.max(0, ...named.map(({ height }) => height)));
    const dueAt = (height: number): string => due[height - 1] ?? '';
    const seated = new Map(powers.map(({ mspId, power }) => [mspId, power]));
    const everybody = [...new Set([...seated.keys(), ...named.map(({ producer }) => producer)])];
    return {
        from: blocks[0]?.number ?? 0,
        to: blocks.at(-1)?.number ?? 0,
        producers: everybody.map((mspId) => ({
            mspId,
            power: seated.get(mspId) ?? 0n,
            blocks: named.filter(({ producer }) => producer === mspId).length,
            turns: named.filter(({ height }) => dueAt(height) === mspId).length,
        })),
        outOfTurn: named.flatMap(({ number, height, producer }) =>
            producer === dueAt(height) ? [] : [{ block: number, producer, due: dueAt(height) }],
        ),
        unnamed: blocks.length - named.length,
    };
}
