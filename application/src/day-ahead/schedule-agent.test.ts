import { afterAll, describe, expect, it } from '@jest/globals';
import type { ScheduleClaim, ScheduleProblem } from '@commonwatt/chaincode/api/records';
import { claimHash } from '@commonwatt/chaincode/api/schedules';
import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { closeIteration, firstState, nanosPerKwh, poolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnerKeys } from '../household/keys';
import type { TypedCalls } from '../market/typed-calls';
import { KeptAgreements } from './certificate/kept-agreements';
import { KeptAnswer } from './kept-answer';
import { ScheduleAgent } from './schedule-agent';

const folder = mkdtempSync(join(tmpdir(), 'commonwatt-schedule-agent-'));
afterAll(() => {
    rmSync(folder, { recursive: true });
});

const [keyPath, saltKeyPath] = [join(folder, 'owner.pem'), join(folder, 'salt.key')];
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
writeFileSync(saltKeyPath, 'no secret of anybody');

const DAY = '2014-10-03';
const LIMITS = { importLimitWh: 20_000n, exportLimitWh: 20_000n };
const TARIFFS = { retail: 300_000_000n, feedIn: 100_000_000n, ...LIMITS };
const PROBLEM: ScheduleProblem = {
    day: DAY,
    slots: 2,
    iterations: 200,
    iterationSeconds: 10,
    primalToleranceWh: 2n,
    dualTolerance: 1_000_000n,
    overRelaxation: fraction(1n, 2n),
    penalty: { initial: 50_000n, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    networkWeight: 'one',
    households: [{ mspId: 'home1', bus: 'root', ...LIMITS }],
    grid: [TARIFFS, TARIFFS],
    floor: 0n,
    cap: 500_000_000n,
    firstPrices: [{ bus: 'root', pricesNanos: [200_000_000n, 200_000_000n] }],
};
const ANSWERED = { prices: [250_000_000n, 120_000_000n], energies: [700n, -40n] };
/** Twice the tolerance of prices, and what ρ makes of a Wh, which is all that one home rounds, between it and the network. */
const MOST = 2_000_000n + 50_000n / 2n;

const keyless = { mspId: 'home1' } as unknown as TypedCalls;
const kept = new KeptAnswer(join(folder, 'answer.json'));
kept.keep({ after: 10, penalty: 50_000n, reference: [0, 0], ...ANSWERED });
const agreements = new KeptAgreements(join(folder, 'agreements.jsonl'));
const agent = new ScheduleAgent({
    home: 'home 1',
    operator: 'dso',
    calls: keyless,
    keys: new OwnerKeys({ keyPath, saltKeyPath }),
    kept,
    agreements,
    model: { slots: 2, step: () => Promise.reject(new Error('nobody asks')) },
    firstReference: [0, 0],
});

const claimOf = (second: bigint): ScheduleClaim => ({
    day: DAY,
    gridWh: [0n, 0n],
    prices: [{ bus: 'root', pricesNanos: [250_000_000n, second] }],
});

describe('a home that is asked to agree to a schedule found off the ledger', () => {
    it.each([
        { what: 'as answered', price: 120_000_000n, energies: ANSWERED.energies },
        { what: 'with the last Wh taken', price: 120_000_000n, energies: [701n, -41n] },
        { what: 'as dear as the tolerance allows', price: 120_000_000n + MOST, energies: ANSWERED.energies },
        { what: 'as cheap as the tolerance allows', price: 120_000_000n - MOST, energies: ANSWERED.energies },
    ])('signs it $what', ({ price, energies }) => {
        const claim = claimOf(price);
        const agreement = agent.agree(PROBLEM, claim, energies);
        expect(agreement).toMatchObject({ mspId: 'home1', energiesWh: energies, claim: claimHash(claim) });
        expect(agreements.all.at(-1)).toEqual(agreement);
    });

    it.each([
        { what: 'a Wh more than the last', price: 120_000_000n, energies: [702n, -40n] },
        { what: 'a Wh less than the last', price: 120_000_000n, energies: [700n, -42n] },
        { what: 'a slot too few', price: 120_000_000n, energies: [700n] },
        { what: 'a nano too much', price: 120_000_001n + MOST, energies: ANSWERED.energies },
        // No worse than the grid's, but not what it answered to.
        { what: 'the feed-in tariff', price: 100_000_000n, energies: ANSWERED.energies },
    ])('does not sign $what', ({ price, energies }) => {
        const before = agreements.all;
        expect(() => agent.agree(PROBLEM, claimOf(price), energies)).toThrow('not what home 1 answered to');
        expect(agreements.all).toEqual(before);
    });
});

describe('a home that answers with over-relaxation', () => {
    it.each([
        { alpha: '1', half: fraction(1n, 2n) },
        { alpha: '1.6', half: fraction(4n, 5n) },
    ])('starts from the reference point that the contract has for it, with α = $alpha', async ({ half }) => {
        const problem = { ...PROBLEM, overRelaxation: half };
        const asked: (readonly number[])[] = [];
        const answers = [
            [700n, -40n],
            [650n, 10n],
            [633n, 25n],
            [600n, 31n],
        ].map((energies) => energies.map(poolEnergy));
        const answering = new ScheduleAgent({
            home: 'home 1',
            operator: 'dso',
            calls: keyless,
            keys: new OwnerKeys({ keyPath, saltKeyPath }),
            kept: new KeptAnswer(join(folder, `relaxed-${half.numerator}.json`)),
            agreements,
            model: {
                slots: 2,
                step: ({ reference }) => {
                    asked.push(reference);
                    return Promise.resolve({ energies: answers[asked.length - 1] ?? [], plans: [] });
                },
            },
            firstReference: [0, 0],
        });
        const rules = { ...problem, agents: ['home1', 'network'], primalTolerance: 0n };
        const first = [200_000_000n, 200_000_000n].map(nanosPerKwh);
        let state = firstState(rules, first);
        for (const [iteration, energies] of answers.entries()) {
            const { penalty } = state;
            const prices = [{ bus: 'root', pricesNanos: [...state.prices] }];
            await answering.answer(problem, { iteration, penalty, prices });
            const scaled = state.references.find(({ agent: name }) => name === 'home1')?.scaled ?? [];
            // In halves of a Wh, as two agents take part; the contract rounds to whole ones of these, in each iteration.
            const off = scaled.map((n, slot) => Math.abs(Number(n) / 2 - (asked[iteration]?.[slot] ?? NaN)));
            expect(off.filter((wh) => !(wh <= 1))).toEqual([]);
            const network = [-500n, 300n].map(poolEnergy);
            ({ state } = closeIteration(rules, state, [
                { agent: 'home1', energies },
                { agent: 'network', energies: network },
            ]));
        }
        expect(asked).toHaveLength(answers.length);
        expect(asked.at(-1)?.every((wh) => Math.abs(wh) > 10)).toBe(true);
    });
});
