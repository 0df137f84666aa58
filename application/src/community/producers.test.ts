import { describe, expect, it } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { ProposerRotation } from '@commonwatt/network/ordering/engine/rotation';
import fc from 'fast-check';
import { plainRotation, type PlainEra, type PlainSeat } from '../audit/plain-rotation';
import { producedBlock } from '../gateway/produced-blocks';
import { producersTable } from '../report/producers-table';
import { productionOf, type NumberedProduction } from './producers';

const POWERS = [
    { mspId: 'H1MSP', power: 32n },
    { mspId: 'H2MSP', power: 28n },
    { mspId: 'H3MSP', power: 24n },
    { mspId: 'H4MSP', power: 16n },
];
const seatsOf = (powers: readonly { mspId: string; power: bigint }[]): PlainSeat[] =>
    powers.map(({ mspId, power }) => ({ id: mspId, tieBreak: mspId, power }));
const seats = seatsOf(POWERS);
const from1 = [{ fromHeight: 1, seats }];
const powers = POWERS.map((each) => ({ ...each, tieBreak: each.mspId }));

/** A channel's first block, and then one block at each height, by whose turn it is. */
function chain(length: number): NumberedProduction[] {
    const turns = plainRotation(from1, length);
    return [
        { number: 0, production: undefined, powers },
        ...turns.map((producer, at) => ({ number: at + 1, production: { height: at + 1, producer } })),
    ];
}

describe('the turns of the rotation, worked out a second time', () => {
    it('are exactly in proportion to the powers over whole cycles', () => {
        const turns = plainRotation(from1, 300);
        const counts = POWERS.map(({ mspId }) => turns.filter((each) => each === mspId).length);
        expect(counts).toEqual([96, 84, 72, 48]);
    });

    it('give a tie to the lower identifier, whatever the order of the list', () => {
        const equal = [
            { id: 'b', tieBreak: 'b', power: 1n },
            { id: 'a', tieBreak: 'a', power: 1n },
        ];
        expect(plainRotation([{ fromHeight: 1, seats: equal }], 4)).toEqual(['a', 'b', 'a', 'b']);
    });
});

describe('two programs agree on the turns', () => {
    const engineSeats = fc.uniqueArray(
        fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), power: fc.constantFrom(1n, 1n, 2n, 7n, 330_000n) }),
        { selector: ({ id }) => id, minLength: 1 },
    );
    it('whatever the powers, and whoever comes and goes', () => {
        fc.assert(
            fc.property(
                fc.array(fc.tuple(engineSeats, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 5 }),
                (terms) => {
                    const rotation = new ProposerRotation(terms[0]?.[0] ?? []);
                    const turns: string[] = [];
                    const eras: PlainEra[] = [];
                    for (const [at, [list, length]] of terms.entries()) {
                        if (at > 0) rotation.change(list);
                        eras.push({
                            fromHeight: turns.length + 1,
                            seats: list.map((seat) => ({ ...seat, tieBreak: seat.id })),
                        });
                        for (let turn = 0; turn < length; turn += 1) turns.push(rotation.next());
                    }
                    expect(plainRotation(eras, turns.length)).toEqual(turns);
                },
            ),
            { numRuns: 400, seed: 20_250_416 },
        );
    });
});

describe('who produced which blocks', () => {
    it('is counted beside the turns that each had', () => {
        const { from, to, producers, outOfTurn, unnamed } = productionOf(chain(100), 0);
        expect({ from, to, outOfTurn, unnamed }).toEqual({ from: 0, to: 100, outOfTurn: [], unnamed: 1 });
        expect(producers.map(({ blocks, turns }) => [blocks, turns])).toEqual([
            [32, 32],
            [28, 28],
            [24, 24],
            [16, 16],
        ]);
    });

    it('is judged by the height of the engine, which makes a block only where there is something to order', () => {
        const everyThird = chain(99).filter(({ production }) => (production?.height ?? 0) % 3 === 0);
        expect(productionOf(everyThird, 0).outOfTurn).toEqual([]);
    });

    it('names blocks that were produced out of turn, and producers without a seat', () => {
        const blocks = chain(10).map((each) =>
            each.number === 7 ? { number: 7, production: { height: 7, producer: 'H9MSP' } } : each,
        );
        const found = productionOf(blocks, 0);
        const [due] = plainRotation(from1, 7).slice(-1);
        expect(found.outOfTurn).toEqual([{ block: 7, producer: 'H9MSP', due }]);
        expect(found.producers.at(-1)).toEqual({ mspId: 'H9MSP', power: 0n, blocks: 1, turns: 0 });
        expect(producersTable(found)).toContain(`block 7: H9MSP, in the turn of ${String(due)}`);
    });

    it('is judged by the powers that a configuration sets, two heights later', () => {
        const changed = [{ mspId: 'H1MSP', power: 1n, tieBreak: 'H1MSP' }];
        const blocks = chain(10).map((each) => {
            const producer = each.number >= 7 ? 'H1MSP' : each.production?.producer;
            const production = producer === undefined ? undefined : { height: each.number, producer };
            return { ...each, production, ...(each.number === 5 ? { powers: changed } : {}) };
        });
        expect(productionOf(blocks, 0)).toMatchObject({ outOfTurn: [], changedIn: [5] });
        expect(productionOf(blocks, 8)).toMatchObject({
            from: 8,
            producers: [{ mspId: 'H1MSP', power: 1n, blocks: 3, turns: 3 }],
        });
    });

    it('is nothing where there are no blocks', () => {
        expect(productionOf([], 0)).toMatchObject({ from: 0, to: 0, unnamed: 0, outOfTurn: [] });
    });
});

describe("a block's metadata", () => {
    const blockWith = (consenter: Uint8Array): common.Block => {
        const wrapped = new common.Metadata();
        wrapped.setValue(consenter);
        const signed = new common.OrdererBlockMetadata();
        signed.setConsenterMetadata(wrapped.serializeBinary());
        const slot = new common.Metadata();
        slot.setValue(signed.serializeBinary());
        const metadata = new common.BlockMetadata();
        metadata.setMetadataList([slot.serializeBinary()]);
        const header = new common.BlockHeader();
        header.setNumber(7);
        const block = new common.Block();
        block.setHeader(header);
        block.setMetadata(metadata);
        return block;
    };
    const said = (text: string): unknown => producedBlock(blockWith(Buffer.from(text))).production;

    it('name the producer and the height of the engine', () => {
        expect(said('{"height":"12","producer":"H3MSP"}')).toEqual({ height: 12, producer: 'H3MSP' });
    });

    it("name nobody in a block of Fabric's own orderers, and in the channel's first", () => {
        expect(said('\u0008\u0002')).toBeUndefined();
        expect(producedBlock(new common.Block()).production).toBeUndefined();
    });

    it.each(['{"height":"0","producer":"H3MSP"}', '{"height":"12"}', '{"height":"12","producer":"x","fee":"1"}'])(
        'of our form that say something else are a fault: %s',
        (text) => {
            expect(() => said(text)).toThrow();
        },
    );
});
