import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ranking } from '@commonwatt/chaincode/domain/stake/draw';
import { epochSeed, seedCommitment } from '@commonwatt/chaincode/domain/stake/seed';
import { cappedWeights, wealthOf } from '@commonwatt/chaincode/domain/stake/wealth';
import { plainCapped, plainCommitment, plainDraw, plainRanking, plainSeed, plainWeights } from './plain-stake';

const RUNS = { numRuns: 400, seed: 20_250_416 };
const PARAMETERS = {
    alphaPpm: 500_000n,
    betaPpm: 250_000n,
    gammaPpm: 250_000n,
    floorPpm: 10_000n,
    capPpm: 300_000n,
    ageCap: 3,
    seats: 5,
};

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

describe('the draw', () => {
    it.each([
        { seed: '101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec', winner: 'n3' },
        { seed: sha256('seed0').toString('hex'), winner: 'n2' },
        { seed: sha256('seed2').toString('hex'), winner: 'n1' },
    ])('of 5, 3, 2 by $seed is won by $winner', ({ seed, winner }) => {
        expect(['n1', 'n2', 'n3'][plainDraw([5n, 3n, 2n], Buffer.from(seed, 'hex'))]).toBe(winner);
    });
});

/** Few members with few different amounts, so that shares tie, floors and caps bite, and sums are zero. */
const members = fc
    .uniqueArray(fc.constantFrom('H1MSP', 'H2MSP', 'H3MSP', 'H4MSP', 'H10MSP', 'H11MSP', 'a', 'B'), {
        minLength: 1,
        maxLength: 8,
    })
    .chain((names) =>
        fc.tuple(
            ...names.map((mspId) =>
                fc.record({
                    mspId: fc.constant(mspId),
                    tokens: fc.constantFrom(0n, 0n, 1n, 2n, 90n),
                    age: fc.constantFrom(0, 1, 3, 4, 9),
                    reputation: fc.constantFrom(0n, 1n, 100n, 7_777n),
                }),
            ),
        ),
    );
const parameters = fc
    .record({
        capPpm: fc.constantFrom(1n, 125_000n, 300_000n, 333_333n),
        floorPpm: fc.constantFrom(1n, 10_000n, 300_000n),
    })
    .map((changed) => ({ ...PARAMETERS, ...changed }));
const secrets = fc
    .uniqueArray(fc.constantFrom('H1MSP', 'H2MSP', 'H3MSP', 'H10MSP'), { maxLength: 4 })
    .map((names) => names.map((mspId) => ({ mspId, secret: sha256(mspId).toString('hex') })));

describe('two programs agree on', () => {
    it('the weights of all members and what they are made of', () => {
        fc.assert(
            fc.property(members, parameters, (standings, governed) => {
                const theirs = wealthOf(standings, governed).map(
                    ({ mspId, energyPpm, agePpm, reputationPpm, weight }) => ({
                        mspId,
                        energyPpm,
                        agePpm,
                        reputationPpm,
                        weight,
                    }),
                );
                expect(plainWeights(standings, { ...governed, rule: 'proportional' })).toEqual(theirs);
            }),
            RUNS,
        );
    });

    it('weights under a cap', () => {
        const raw = fc.array(fc.constantFrom(1n, 1n, 2n, 3n, 10n, 1_000n), { minLength: 1, maxLength: 9 });
        fc.assert(
            fc.property(raw, fc.constantFrom(1n, 111_111n, 250_000n, 330_000n), (weights, cap) => {
                expect(plainCapped(weights, cap)).toEqual(cappedWeights(weights, cap));
            }),
            RUNS,
        );
    });

    it('commitments and seeds', () => {
        fc.assert(
            fc.property(secrets, fc.constantFrom('2014-10-03', '2025-04-16'), (revealed, epoch) => {
                const theirs = epochSeed(epoch, revealed);
                expect(plainSeed(epoch, revealed)).toEqual(theirs && Buffer.from(theirs).toString('hex'));
                for (const { mspId, secret } of revealed) {
                    expect(plainCommitment(epoch, mspId, secret)).toBe(seedCommitment(epoch, mspId, secret));
                }
            }),
            RUNS,
        );
    });

    it.each(['proportional', 'max-w-over-u'] as const)('who is drawn in which order, by the rule %s', (rule) => {
        const candidates = members.map((all) => all.map(({ mspId, tokens }) => ({ mspId, weight: tokens + 1n })));
        fc.assert(
            fc.property(candidates, fc.uint8Array({ minLength: 32, maxLength: 32 }), (all, seed) => {
                const mine = plainRanking(all, Buffer.from(seed).toString('hex'), rule);
                expect(mine).toEqual(ranking(rule, all, seed));
            }),
            RUNS,
        );
    });
});
