import type { RangeQuery, Version } from '../../fabric/rwset';
import { block, transaction, type Group, type MadeEnvelope } from '../scenario';

const put = (...keys: readonly string[]): MadeEnvelope =>
    transaction({ writes: Object.fromEntries(keys.map((key) => [key, '1'])) });
const remove = (key: string): MadeEnvelope => transaction({ writes: { [key]: null } });

function range(startKey: string, endKey: string, reads: readonly (readonly [string, Version])[]): RangeQuery {
    return { startKey, endKey, itrExhausted: true, reads: reads.map(([key, version]) => ({ key, version })) };
}

const CONFLICT = 'MVCC_READ_CONFLICT';
const PHANTOM = 'PHANTOM_READ_CONFLICT';
/** From a to before d, as it was after the scenario's first block of a, b, c. */
const ranged = transaction(({ version }) => ({
    ranges: [
        range(
            'a',
            'd',
            ['a', 'b', 'c'].map((key) => [key, version(0)] as const),
        ),
    ],
    writes: { seen: '3' },
}));

export const reads: Group = {
    title: 'Reads, conflicts and phantoms',
    scenarios: [
        {
            name: 'A read of the version that stands',
            fabric: 'Is valid.',
            steps: [
                block([put('a')], 'VALID'),
                block([transaction(({ version }) => ({ reads: { a: version(0) }, writes: { a: '2' } }))], 'VALID'),
            ],
        },
        {
            name: 'A read of a version that is gone',
            fabric: 'Is a conflict.',
            steps: [
                block([put('a')], 'VALID'),
                block([put('a')], 'VALID'),
                block([transaction(({ version }) => ({ reads: { a: version(0) }, writes: { a: '2' } }))], CONFLICT),
            ],
        },
        {
            name: 'A read of a key that is not there, and still is not',
            fabric: 'Is valid.',
            steps: [block([transaction({ reads: { nothing: undefined }, writes: { a: '1' } })], 'VALID')],
        },
        {
            name: 'A read of a key that was not there, and is',
            fabric: 'Is a conflict.',
            steps: [
                block([put('a')], 'VALID'),
                block([transaction({ reads: { a: undefined }, writes: { b: '1' } })], CONFLICT),
            ],
        },
        {
            name: 'A read of a key that was deleted',
            fabric: 'Is a conflict.',
            steps: [
                block([put('a')], 'VALID'),
                block([remove('a')], 'VALID'),
                block([transaction(({ version }) => ({ reads: { a: version(0) }, writes: { b: '1' } }))], CONFLICT),
            ],
        },
        {
            name: 'Two in one block that read and write the same key',
            fabric: 'The first wins.',
            steps: [
                block([put('a')], 'VALID'),
                block(
                    [1, 2].map(() => transaction(({ version }) => ({ reads: { a: version(0) }, writes: { a: '2' } }))),
                    'VALID',
                    CONFLICT,
                ),
            ],
        },
        {
            name: 'A conflict with an invalid transaction of the same block',
            fabric: 'Is none: what is invalid wrote nothing.',
            steps: [
                block([put('a')], 'VALID'),
                block(
                    [
                        transaction({ writes: { a: '2' }, endorsers: ['H2'] }),
                        transaction(({ version }) => ({ reads: { a: version(0) }, writes: { a: '3' } })),
                    ],
                    'ENDORSEMENT_POLICY_FAILURE',
                    'VALID',
                ),
            ],
        },
        {
            name: 'Blind writes of the same key in one block',
            fabric: 'Are all valid; the last stays.',
            steps: [block([put('a'), put('a'), remove('a'), put('a')], 'VALID', 'VALID', 'VALID', 'VALID')],
        },
        {
            name: 'The deletion of a key that is not there',
            fabric: 'Is valid and changes nothing.',
            steps: [block([remove('a')], 'VALID')],
        },
        {
            name: 'A range that reads the same again',
            fabric: 'Is valid.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([ranged], 'VALID')],
        },
        {
            name: 'A key more in a range',
            fabric: 'Is a phantom.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([put('bb')], 'VALID'), block([ranged], PHANTOM)],
        },
        {
            name: 'A key more in a range, from the same block',
            fabric: 'Is a phantom too.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([put('bb'), ranged], 'VALID', PHANTOM)],
        },
        {
            name: 'A key less in a range',
            fabric: 'Is a phantom.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([remove('b'), ranged], 'VALID', PHANTOM)],
        },
        {
            name: 'Another value in a range',
            fabric: 'Is a phantom: versions are compared.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([put('c')], 'VALID'), block([ranged], PHANTOM)],
        },
        {
            name: 'A key more behind a range',
            fabric: 'Concerns nobody: the end does not belong to it.',
            steps: [block([put('a', 'b', 'c')], 'VALID'), block([put('d'), ranged], 'VALID', 'VALID')],
        },
        {
            name: 'A range that was not read to its end',
            fabric: 'Is compared up to the last key that was read, which belongs to it.',
            steps: [
                block([put('a', 'b', 'c')], 'VALID'),
                block(
                    [
                        put('bb'),
                        transaction(({ version }) => ({
                            ranges: [
                                {
                                    ...range('a', 'b', [
                                        ['a', version(0)],
                                        ['b', version(0)],
                                    ]),
                                    itrExhausted: false,
                                },
                            ],
                            writes: { seen: '2' },
                        })),
                    ],
                    'VALID',
                    'VALID',
                ),
            ],
        },
        {
            name: 'An empty range that is not empty any more',
            fabric: 'Is a phantom.',
            steps: [
                block([put('x')], 'VALID'),
                block([transaction({ ranges: [range('w', 'z', [])], writes: { seen: '0' } })], PHANTOM),
            ],
        },
    ],
};
