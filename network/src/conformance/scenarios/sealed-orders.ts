import { outOf, signedBy } from '../../fabric/policy';
import type { CollectionHashedRwSet } from '../../fabric/rwset';
import { digest } from '../../testing/rwsets';
import { block, transaction, type CodeName, type Group, type MadeEnvelope, type Scenario } from '../scenario';

const FAILS = 'ENDORSEMENT_POLICY_FAILURE';
const CONFLICT = 'MVCC_READ_CONFLICT';
/** Two of three seats; H1 places the orders here, and the grid operator has no seat. */
const COMMITTEE = outOf(
    2,
    ['H1', 'H2', 'H3'].map((id) => signedBy(`${id}MSP`, 'peer')),
);

/** The order in an organisation's own collection, of which the channel has the hashes. */
const held = (id: string, key: string): CollectionHashedRwSet => ({
    name: `_implicit_org_${id}MSP`,
    hashedReads: [],
    hashedWrites: [{ keyHash: digest(key), isDelete: false, valueHash: digest(`order ${key}`), isPurge: false }],
    hashedMetadataWrites: [],
    pvtRwSetHash: digest(`set ${key}`),
});

/** A commitment: grid operator and household make the marker, and from then on it is the committee's. */
const commit = (...keys: string[]): MadeEnvelope =>
    transaction({
        writes: Object.fromEntries(keys.map((key) => [key, `hash of ${key}`])),
        policies: Object.fromEntries(keys.map((key) => [key, COMMITTEE])),
    });

/** A reveal in the state that the first block left; `round` is what it has read of the round. */
const reveal = (key: string, to: readonly string[], endorsers: readonly string[]): MadeEnvelope =>
    transaction(({ version }) => ({
        reads: { [key]: version(0), round: version(0, 1) },
        writes: { [key]: `held by ${to.join(', ')}` },
        collections: to.map((id) => held(id, key)),
        endorsers,
    }));

const openRound = transaction({ writes: { round: 'closed' }, policies: { round: COMMITTEE } });
/** Reads the round and these markers as the first block left them. */
const decide = (what: string, ...markers: string[]): MadeEnvelope =>
    transaction(({ version }) => ({
        reads: { round: version(0, 1), ...Object.fromEntries(markers.map((key) => [key, version(0)])) },
        writes: { round: what },
        endorsers: ['H2', 'H3'],
    }));

/** Reveals of one order, each in a block of its own until one is valid. */
function revealed(name: string, fabric: string, rows: readonly (readonly [string, string, CodeName])[]): Scenario {
    return {
        name,
        fabric,
        steps: [
            block([commit('order'), openRound], 'VALID', 'VALID'),
            ...rows.map(([to, endorsers, code]) => block([reveal('order', to.split(' '), endorsers.split(' '))], code)),
        ],
    };
}

export const sealedOrders: Group = {
    title: 'Sealed orders',
    scenarios: [
        {
            name: 'A commitment to an order',
            fabric: 'Who made the marker can no longer write it: its policy, set with it, names others.',
            steps: [
                block([commit('order')], 'VALID'),
                ...[['DSO', 'H1'], ['H1'], ['DSO', 'H2'], ['H2']].map((endorsers) =>
                    block([transaction({ writes: { order: 'another' }, endorsers })], FAILS),
                ),
                block([transaction({ writes: { order: 'taken back' }, endorsers: ['H2', 'H3'] })], 'VALID'),
            ],
        },
        revealed(
            'A reveal of an order',
            'One transaction: the marker wants a quorum of the committee, each collection its organisation.',
            [
                ['H2 H3', 'H1 H2', FAILS],
                ['H2 H3', 'DSO H1 H3', FAILS],
                ['H2', 'DSO H2', FAILS],
                ['H2 H3', 'H1 H2 H3', 'VALID'],
                ['H2 H3', 'H1 H2 H3', CONFLICT],
            ],
        ),
        revealed(
            'A reveal that was refused, to other seats',
            'What was invalid has changed nothing, in no collection.',
            [
                ['H3', 'H1', FAILS],
                ['H2', 'H1 H2', 'VALID'],
            ],
        ),
        {
            name: 'Reveals of two orders in one block',
            fabric: 'Both count: they have read the same round, and written different markers.',
            steps: [
                block([commit('one', 'two'), openRound], 'VALID', 'VALID'),
                block([reveal('one', ['H2'], ['H1', 'H2']), reveal('two', ['H3'], ['H1', 'H3'])], 'VALID', 'VALID'),
            ],
        },
        {
            name: 'A clearing that has not seen a reveal',
            fabric: 'Is a conflict, in the same block and in a later one.',
            steps: [
                block([commit('one', 'two'), openRound], 'VALID', 'VALID'),
                block(
                    [reveal('one', ['H2'], ['H1', 'H2']), decide('cleared without one', 'one', 'two')],
                    'VALID',
                    CONFLICT,
                ),
                block([decide('cleared without one', 'one', 'two')], CONFLICT),
                block([decide('cleared with one', 'two')], 'VALID'),
            ],
        },
        {
            name: 'A reveal of a round that has been cleared',
            fabric: 'Is a conflict: it has read the round as it was.',
            steps: [
                block([commit('one'), openRound], 'VALID', 'VALID'),
                block([decide('cleared', 'one'), reveal('one', ['H2'], ['H1', 'H2'])], 'VALID', CONFLICT),
            ],
        },
        {
            name: 'A closing that was held back',
            fabric: 'Is a conflict once another one is in a block.',
            steps: [
                block([commit('one'), openRound], 'VALID', 'VALID'),
                block([decide('closed by the next seat')], 'VALID'),
                block([decide('closed at the gate, and sent late')], CONFLICT),
            ],
        },
    ],
};
