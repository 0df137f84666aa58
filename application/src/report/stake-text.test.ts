import { describe, expect, it } from '@jest/globals';
import type { EpochRecord, RewardRecord } from '@commonwatt/chaincode/api/records';
import { DEFAULT_PARAMETERS } from '@commonwatt/chaincode/domain/stake/parameters';
import { slot } from '@commonwatt/chaincode/domain/slot';
import { lowestTerms } from '../community/elected-powers';
import { electionSummary, electionText } from './election';
import { stakeText, type StakeView } from './stake-text';

const CLOCK = [{ fromSlot: slot(0), offsetMinutes: 60 }];
const HASH = 'ab'.repeat(32);

function weighed(mspId: string, weight: bigint, tokens = 0n): NonNullable<EpochRecord['weights']>[number] {
    const nothing = { age: 2, reputation: 100n, energyPpm: tokens * 100_000n, agePpm: 0n, reputationPpm: 250_000n };
    return { mspId, weight, tokens, commitment: HASH, ...nothing };
}

const record: EpochRecord = {
    epoch: '2025-04-16',
    status: 'closed',
    energyDay: '2025-04-16',
    charterVersion: 5,
    parameters: { ...DEFAULT_PARAMETERS, fromDay: '2010-01-01' },
    members: ['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP'],
    commitUntil: 1,
    revealUntil: 2,
    confirmUntil: 3,
    weights: [
        weighed('H1MSP', 330_000n, 9n),
        weighed('H2MSP', 250_000n),
        weighed('H3MSP', 210_000n),
        weighed('H4MSP', 210_000n),
    ],
    result: {
        seed: HASH,
        revealed: ['H1MSP', 'H2MSP', 'H3MSP'],
        unrevealed: ['H4MSP'],
        ranking: ['H2MSP', 'H1MSP', 'H3MSP'],
        committee: {
            fromSlot: 1_938_716,
            seats: [
                { mspId: 'H2MSP', weight: 500_000n },
                { mspId: 'H1MSP', weight: 500_000n },
            ],
            quorum: { numerator: 1n, denominator: 2n },
        },
    },
};

const rewards: RewardRecord = {
    epoch: record.epoch,
    counts: {
        from: 1,
        to: 90,
        blocksHash: HASH,
        producers: [{ mspId: 'H1MSP', blocks: 90 }],
        cleared: 96,
        endorsed: [{ mspId: 'H2MSP', rounds: 96 }],
    },
    confirmedBy: ['H1MSP', 'H2MSP', 'H3MSP'],
    owedNanos: 105_000_000n,
    balanceNanos: 32_490_000n,
    postings: [
        { account: 'community', amountNanos: -32_490_000n },
        { account: 'household:H1MSP', amountNanos: 30_000_000n },
        { account: 'household:H2MSP', amountNanos: 2_490_000n },
    ],
    missedDuty: [],
};

const view: StakeView = { record, accounts: [], participation: [], balanceNanos: 0n, rewards, flaws: [] };

describe('an epoch for people', () => {
    const text = stakeText(view, CLOCK, 'EUR');

    it('has a row for each member, with what its weight is made of and where it was drawn', () => {
        const rows = text.split('\n').filter((line) => line.startsWith('H'));
        expect(rows.map((row) => row.split(/\s{2,}/))).toEqual([
            ['H1MSP', '9', '90.00', '2', '0.00', '100', '25.00', '33.00', '0.00', 'seat 2'],
            ['H2MSP', '0', '0.00', '2', '0.00', '100', '25.00', '25.00', '0.00', 'seat 1'],
            ['H3MSP', '0', '0.00', '2', '0.00', '100', '25.00', '21.00', '0.00', 'substitute 1'],
            ['H4MSP', '0', '0.00', '2', '0.00', '100', '25.00', '21.00', '0.00', 'took no part'],
        ]);
    });

    it('says who serves when and why, and what was paid out of what', () => {
        expect(text).toContain('committed and not revealed: H4MSP');
        expect(text).toContain(
            'Committee from 2025-04-17 00:00 (slot 1938716), drawn by the rule proportional: H2MSP 50.00 %',
        );
        expect(text).toContain('0.03249 of 0.105 EUR paid for blocks 1 to 90 and 96 rounds, as 3 members counted them');
        expect(text).toContain('by another program: the same.');
    });

    it('says what does not follow from the public records', () => {
        const flawed = stakeText({ ...view, rewards: undefined, flaws: ['the seed is x'] }, CLOCK, 'EUR');
        expect(flawed).toContain('IT IS NOT THE SAME:\n  the seed is x');
        expect(flawed).toContain('no fees are paid for this epoch yet');
    });

    it('can be told while commitments are taken', () => {
        const { weights, result, ...open } = record;
        const early = stakeText({ ...view, record: { ...open, status: 'committing' } }, CLOCK, 'EUR');
        expect([weights?.length, result?.revealed.length]).toEqual([4, 3]);
        expect(early).toMatch(/^Epoch 2025-04-16, committing: 4 members/);
        expect(early).not.toContain('Seed');
    });
});

describe('the election after a day', () => {
    const outcome = {
        record,
        participation: [],
        rewards,
        silent: [{ home: 'H4', phase: 'revealed' as const, why: 'it is down' }],
    };

    it('is a part of the JSON', () => {
        expect(electionSummary(outcome)).toEqual({
            epoch: '2025-04-16',
            fromSlot: 1_938_716,
            committee: [
                { mspId: 'H2MSP', weight: 500_000 },
                { mspId: 'H1MSP', weight: 500_000 },
            ],
            produced: [{ mspId: 'H1MSP', blocks: 90 }],
            feesNanos: 32_490_000,
            silent: ['H4 has not revealed: it is down'],
        });
    });

    it('stands below the bills', () => {
        expect(electionText(outcome, 'EUR').split('\n')).toEqual([
            'Next committee, elected by stake: H2MSP 50.0 %, H1MSP 50.0 %.',
            'Blocks produced: H1MSP 90; fees paid: 0.032 EUR.',
            'H4 has not revealed: it is down',
        ]);
    });
});

it('powers are given in lowest terms, so that a cycle of producers is short', () => {
    const powers = [
        { mspId: 'H1MSP', power: 330_000n },
        { mspId: 'H2MSP', power: 170_000n },
    ];
    expect(lowestTerms(powers).map(({ power }) => power)).toEqual([33n, 17n]);
    expect(lowestTerms([])).toEqual([]);
});
