import { beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRefusal } from '../../../domain/refusals';
import type { Simulated } from '../../../testing/memory-network';
import { billedDays, MEMBERS, PERIODS, type BilledDays } from '../../../testing/model/billed-days';
import { checkBills } from '../../../testing/model/billing-books';
import { BillingProposals, type BillingAction } from '../../../testing/model/billing-proposals';
import { SEED } from '../../../testing/property';

type Fate = 'committed' | 'waiting' | 'twice' | 'lost';
type Step =
    { readonly action: BillingAction; readonly fate: Fate } | { readonly late: number } | { readonly crash: true };

const member = fc.nat(MEMBERS.length - 1);
const day = fc.nat(1);
// Mostly single days: a bill of both keeps two others out.
const period = fc.constantFrom(0, 0, 0, 1, 1, 2).filter((each) => each < PERIODS.length);
const id = fc.nat(1);
const is = <K extends string>(...kinds: K[]): fc.Arbitrary<K> => fc.constantFrom(...kinds);

const action: fc.Arbitrary<BillingAction> = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: is('deposit'), member, reference: id, isSmall: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: is('takeIn'), member }) },
    { weight: 4, arbitrary: fc.record({ kind: is('reserve', 'release'), member, day }) },
    { weight: 4, arbitrary: fc.record({ kind: is('correct'), member, day, wh: fc.nat(900) }) },
    {
        weight: 8,
        arbitrary: fc.record({
            kind: is('bill'),
            member,
            period,
            isProvisional: fc.constantFrom(false, false, false, true),
            withEarlier: fc.boolean(),
        }),
    },
    { weight: 4, arbitrary: fc.record({ kind: is('finalise'), most: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 4, arbitrary: fc.record({ kind: is('credit'), member, period, id, isAll: fc.boolean() }) },
    { weight: 8, arbitrary: fc.record({ kind: is('pay', 'pay', 'collect'), member, period }) },
    { weight: 4, arbitrary: fc.record({ kind: is('takeCredit'), member, period, id }) },
    { weight: 2, arbitrary: fc.record({ kind: is('transfer'), member, period, id: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: is('publish'), period }) },
);
const fate: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 6, arbitrary: is('committed') },
    { weight: 3, arbitrary: is('waiting') },
    { weight: 1, arbitrary: is('twice', 'lost') },
);
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ action, fate }) },
    { weight: 3, arbitrary: fc.record({ late: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constant({ crash: true as const }) },
);

interface Endorsed {
    readonly simulated: Simulated;
    readonly endorsers: readonly string[];
}

/** Members, grid operator and bank, who do at random what bills allow, on one state or on an old one. */
class Bench {
    readonly #waiting: Endorsed[] = [];
    readonly #proposals: BillingProposals;
    readonly reached = new Set<string>();

    constructor(readonly days: BilledDays) {
        this.#proposals = new BillingProposals(days);
    }

    async run(each: Step): Promise<void> {
        const { network } = this.days.community;
        if ('crash' in each) {
            this.#waiting.length = 0;
            network.restart();
        } else if ('late' in each) {
            const [endorsed] = this.#waiting.splice(each.late % Math.max(1, this.#waiting.length), 1);
            if (endorsed !== undefined) {
                network.commit(endorsed.simulated, endorsed.endorsers);
            }
        } else {
            await this.#act(each.action, each.fate);
        }
        await checkBills(this.days);
    }

    async #act(given: BillingAction, becomes: Fate): Promise<void> {
        const endorsed = await this.#endorsed(given);
        if (endorsed === undefined || becomes === 'lost') {
            return;
        }
        if (becomes === 'waiting') {
            this.#waiting.push(endorsed);
            return;
        }
        const { network } = this.days.community;
        expect(network.commit(endorsed.simulated, endorsed.endorsers)).toBe('VALID');
        this.reached.add(given.kind);
        if (becomes === 'twice') {
            expect(network.commit(endorsed.simulated, endorsed.endorsers)).not.toBe('VALID');
        }
    }

    /** Undefined where it is refused; then nothing was written. */
    async #endorsed(given: BillingAction): Promise<Endorsed | undefined> {
        const { community } = this.days;
        try {
            const { name, args, ...options } = await this.#proposals.of(given);
            return { simulated: await community.endorse(name, args as never, options), endorsers: options.endorsers };
        } catch (error) {
            if (!(error instanceof Error) || parseRefusal(error.message) === undefined) {
                throw error;
            }
            expect(community.network.hasWritten).toBe(false);
            return undefined;
        }
    }
}

let closed: BilledDays;

beforeAll(async () => {
    closed = await billedDays();
});

const certain = (given: BillingAction): Step => ({ action: given, fate: 'committed' });
/** Where sequences begin: few would come to a final bill that is paid by themselves. */
const NUMBERED: readonly Step[] = [
    certain({ kind: 'reserve', member: 2, day: 0 }),
    certain({ kind: 'reserve', member: 2, day: 1 }),
    ...MEMBERS.map((_, i) => certain({ kind: 'bill', member: i, period: 0, isProvisional: false, withEarlier: false })),
    certain({ kind: 'finalise', most: MEMBERS.length }),
];
const CREDITED: readonly Step[] = [
    ...NUMBERED,
    ...MEMBERS.slice(1).map((_, i) => certain({ kind: 'credit', member: i + 1, period: 0, id: 0, isAll: false })),
    certain({ kind: 'pay', member: 1, period: 0 }),
];
const COLLECTED: readonly Step[] = [...NUMBERED, certain({ kind: 'collect', member: 2, period: 0 })];
const BEGINNINGS = [[], NUMBERED, CREDITED, COLLECTED] as const;

it('whatever members, grid operator, bank and an ordering service that repeats, delays and forgets do with bills: every nano and every watt-hour stays accounted for', async () => {
    const reached = new Set<string>();
    const sequences = fc.array(step, { minLength: 20, maxLength: 35 });
    await fc.assert(
        fc.asyncProperty(fc.constantFrom(...BEGINNINGS), sequences, async (beginning, sequence) => {
            const bench = new Bench({ ...closed, community: closed.community.forked() });
            for (const each of [...beginning, ...sequence]) {
                await bench.run(each);
            }
            bench.reached.forEach((kind) => reached.add(kind));
        }),
        { numRuns: 30, seed: SEED },
    );
    // A sequence that never comes to the end of a bill would prove nothing.
    expect([...reached].sort()).toEqual([
        'bill',
        'collect',
        'correct',
        'credit',
        'deposit',
        'finalise',
        'pay',
        'publish',
        'release',
        'reserve',
        'takeCredit',
        'takeIn',
        'transfer',
    ]);
}, 300_000);
