import { describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import { headerHash, newBlock, setBlockSignatures, signaturesValue } from '../../fabric/blocks';
import { headerOf } from '../app/block-header';
import { producerMetadata } from '../app/producer';
import { SealedByAll } from './simulated-disks';

const GENESIS = new Uint8Array(32);
const ENVELOPES = [Buffer.from('one'), Buffer.from('two')];

interface Said {
    readonly number?: number;
    readonly after?: Uint8Array;
    readonly envelopes?: readonly Uint8Array[];
    readonly producer?: string;
}

function block({ number = 1, after = GENESIS, envelopes = ENVELOPES, producer = 'H1MSP' }: Said = {}): common.Block {
    const made = newBlock(number, after, envelopes);
    setBlockSignatures(made, signaturesValue(0, producerMetadata(number + 1, producer)), []);
    return made;
}

const sealed = (decided: (height: number) => readonly Uint8Array[] = () => ENVELOPES): SealedByAll =>
    new SealedByAll(2, GENESIS, decided);

describe('the sealed blocks of all simulated seats', () => {
    test('are kept whole until all seats have sealed them, and made again after', () => {
        const heights: number[] = [];
        const all = sealed((height) => {
            heights.push(height);
            return ENVELOPES;
        });
        all.of(0).append(block());
        expect([all.length, all.whole, all.of(0).length, all.of(1).length]).toEqual([1, 1, 1, 0]);
        expect(all.of(1).get(1)).toBeUndefined();
        expect(heights).toEqual([]);
        all.of(1).append(block());
        expect([all.whole, all.of(1).length]).toEqual([0, 1]);
        expect(all.of(1).get(1)?.serializeBinary()).toEqual(block().serializeBinary());
        expect(heights).toEqual([2]);
        expect(all.lastHash).toEqual(headerHash(headerOf(block())));
    });

    test.each([
        { what: 'after another one', said: { after: Buffer.alloc(32, 1) } },
        { what: 'with other envelopes', said: { envelopes: [Buffer.from('three')] } },
        { what: 'of another producer', said: { producer: 'H2MSP' } },
    ])('are the same: one $what is refused', ({ said }) => {
        const all = sealed();
        all.of(0).append(block());
        expect(() => {
            all.of(1).append(block(said));
        }).toThrow('another block 1');
    });

    test('have no gaps, and the envelopes that their headers say', () => {
        const all = sealed();
        expect(() => {
            all.of(0).append(block({ number: 2 }));
        }).toThrow('out of turn');
        const changed = block();
        changed.setData(block({ envelopes: [] }).getData());
        expect(() => {
            all.of(0).append(changed);
        }).toThrow('other envelopes');
    });

    test('are not made again from something else than was sealed', () => {
        const all = sealed(() => [Buffer.from('three')]);
        for (const seat of [0, 1]) all.of(seat).append(block());
        expect(() => all.of(0).get(1)).toThrow('other envelopes than the engine decided');
    });
});
