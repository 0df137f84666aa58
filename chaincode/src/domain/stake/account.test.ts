import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holds } from '../../testing/property';
import { afterEpoch, afterPenalty, afterService, newAccount, type Account } from './account';
import { DEFAULT_PARAMETERS } from './parameters';

const { reputation: PARAMETERS } = DEFAULT_PARAMETERS;
const account = (change: Partial<Account> = {}): Account => ({ ...newAccount('H1MSP'), ...change });

describe('an account', () => {
    it.each([
        { what: 'idle', elected: false, revealed: false, age: 3, reputation: 950n },
        { what: 'faithful', elected: false, revealed: true, age: 4, reputation: 1_050n },
        { what: 'elected', elected: true, revealed: true, age: 0, reputation: 1_050n },
    ])('of who was $what in an epoch', ({ elected, revealed, age, reputation }) => {
        const after = afterEpoch(account({ age: 3, reputation: 1_000n }), { elected, revealed }, PARAMETERS);
        expect(after).toMatchObject({ age, reputation, elected: elected ? 1 : 0 });
    });

    it('earns by service what the cap leaves', () => {
        const service = { rounds: 96, blocks: 40, rewardNanos: 5n };
        expect(afterService(account(), service, PARAMETERS)).toMatchObject({
            reputation: 1_000n,
            rewardsNanos: 5n,
            rounds: 96,
            blocks: 40,
        });
        expect(afterService(account({ reputation: 9_999n }), service, PARAMETERS).reputation).toBe(PARAMETERS.cap);
    });

    it('never falls below zero by a penalty, which takes what there is', () => {
        const natural = fc.bigInt({ min: 0n, max: 5n });
        holds(
            fc.property(natural, natural, natural, natural, (depositNanos, reputation, money, points) => {
                const before = account({ depositNanos, reputation });
                const { account: after, taken } = afterPenalty(before, { depositNanos: money, reputation: points });
                expect(after.depositNanos).toBeGreaterThanOrEqual(0n);
                expect(after.reputation).toBeGreaterThanOrEqual(0n);
                expect(after.depositNanos + taken.depositNanos).toBe(depositNanos);
                expect(after.reputation + taken.reputation).toBe(reputation);
                expect(taken.depositNanos === money || after.depositNanos === 0n).toBe(true);
                expect(after.penalties).toBe(1);
            }),
        );
    });

    it('forgets reputation that is not renewed', () => {
        let faded = account({ reputation: PARAMETERS.cap });
        for (let n = 0; n < 365; n += 1) {
            faded = afterEpoch(faded, { elected: false, revealed: false }, PARAMETERS);
        }
        expect(faded.reputation).toBe(0n);
    });
});
