import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BankStatementRecord, WithdrawalRecord } from '../../../api/records';
import type { SubmitName } from '../../../api/transactions';
import { nanos } from '../../../domain/quantity';
import { parseRefusal } from '../../../domain/refusals';
import { DSO, household, TestCommunity } from '../../../testing/community';
import { BANK, statement, TestAccount, withBank, withdrawal, type Movement } from '../../../testing/market/money';
import type { Simulated } from '../../../testing/memory-network';

const MEMBERS = [household(1), household(2)];
const DAYS = ['2014-10-04', '2014-10-05'] as const;
/** In units of a day's cover, so that balances are as often too small as not. */
const UNITS = fc.integer({ min: 1, max: 2 });

type Action = Readonly<
    { member: number } & (
        | { kind: 'deposit'; reference: number; units: number }
        | { kind: 'takeIn' }
        | { kind: 'reserve' | 'release'; day: number }
        | { kind: 'withdraw'; id: number; units: number }
        | { kind: 'confirm'; id: number; isPaid: boolean }
        | { kind: 'replay' }
    )
>;

const member = fc.nat(1);
const small = fc.nat(2);
const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({ member, kind: fc.constant('deposit' as const), reference: small, units: UNITS }),
    fc.record({ member, kind: fc.constant('takeIn' as const) }),
    fc.record({ member, kind: fc.constantFrom('reserve' as const, 'release' as const), day: fc.nat(1) }),
    fc.record({ member, kind: fc.constant('withdraw' as const), id: small, units: UNITS }),
    fc.record({ member, kind: fc.constant('confirm' as const), id: small, isPaid: fc.boolean() }),
    fc.record({ member, kind: fc.constant('replay' as const) }),
);

/** A transaction that was endorsed, and may be committed late, or twice. */
interface Endorsed {
    readonly simulated: Simulated;
    readonly endorsers: readonly string[];
}

/** Members who do at random what accounts allow, on one state or on an old one. */
class Bench {
    readonly #accounts: readonly TestAccount[];
    readonly #asked = new Map<string, WithdrawalRecord>();
    #last: Endorsed | undefined;
    #unit = 0n;

    private constructor(readonly community: TestCommunity) {
        this.#accounts = MEMBERS.map((mspId) => new TestAccount(community, mspId));
    }

    static async open(): Promise<Bench> {
        const bench = new Bench(await TestCommunity.governed(3));
        await withBank(bench.community);
        const asked = { mspId: household(1), day: DAYS[0] };
        bench.#unit = (await bench.community.query('accounts:coverOf', asked)).amountNanos;
        return bench;
    }

    /** Endorses what is asked, if it is not refused. */
    async endorse(asked: Action): Promise<Endorsed | undefined> {
        if (asked.kind === 'replay') {
            return this.#last;
        }
        try {
            this.#last = await this.#endorsed(asked);
        } catch (error) {
            if (!(error instanceof Error) || parseRefusal(error.message) === undefined) {
                throw error;
            }
            this.#last = undefined;
        }
        return this.#last;
    }

    commit({ simulated, endorsers }: Endorsed): void {
        this.community.network.commit(simulated, endorsers);
    }

    #endorsed(asked: Exclude<Action, { kind: 'replay' }>): Promise<Endorsed> {
        const account = this.#accounts[asked.member] as TestAccount;
        switch (asked.kind) {
            case 'deposit': {
                const amountNanos = BigInt(asked.units) * this.#unit;
                const row = statement({ mspId: account.mspId, reference: `d${asked.reference}`, amountNanos });
                return this.#byBank('accounts:deposit', row, {});
            }
            case 'takeIn':
                return this.#byOwner(account, 'accounts:takeIn', {}, {});
            case 'reserve':
            case 'release':
                return this.#ofDay(account, asked.kind, DAYS[asked.day] ?? DAYS[0]);
            case 'withdraw':
                return this.#withdrawn(account, `w${asked.id}`, BigInt(asked.units) * this.#unit);
            case 'confirm':
                return this.#confirmed(account, `w${asked.id}`, asked.isPaid ? 'paidOut' : 'returned');
        }
    }

    #ofDay(account: TestAccount, kind: 'reserve' | 'release', day: string): Promise<Endorsed> {
        const hold = { kind: 'day' as const, subject: day, amount: nanos(this.#unit) };
        const release: Movement = { use: { kind: 'release', hold, keep: nanos(0n) } };
        return kind === 'reserve'
            ? this.#byOwner(account, 'accounts:reserveDay', { day }, { use: { kind: 'hold', hold } })
            : this.#byOwner(account, 'accounts:releaseDay', { day }, release, { settlement: null });
    }

    #withdrawn(account: TestAccount, id: string, amount: bigint): Promise<Endorsed> {
        const given = withdrawal(account.mspId, id, amount);
        this.#asked.set(`${account.mspId} ${id} ${amount.toString()}`, given);
        const hold = { kind: 'withdrawal' as const, subject: id, amount: nanos(amount) };
        const movement: Movement = { use: { kind: 'hold', hold } };
        return this.#byOwner(account, 'accounts:withdraw', { id }, movement, { withdrawal: given });
    }

    #confirmed({ mspId }: TestAccount, id: string, kind: 'paidOut' | 'returned'): Promise<Endorsed> {
        const asked = [...this.#asked.values()].find((each) => each.mspId === mspId && each.id === id);
        const opened = asked ?? withdrawal(mspId, id, 1n);
        const row = statement({ mspId, kind, reference: id, amountNanos: opened.amountNanos });
        return this.#byBank('accounts:confirmWithdrawal', row, { withdrawal: opened });
    }

    async #byBank(name: SubmitName, row: BankStatementRecord, more: object): Promise<Endorsed> {
        const { mspId, reference } = row;
        const endorsers = [mspId, DSO];
        const options = { by: BANK, endorsers, transient: { statement: row, ...more } };
        return { simulated: await this.community.endorse(name, { mspId, reference }, options), endorsers };
    }

    /** With every row that waits. */
    async #byOwner(
        account: TestAccount,
        name: SubmitName,
        args: object,
        movement: Movement,
        more: Readonly<Record<string, unknown>> = {},
    ): Promise<Endorsed> {
        const { statements } = await this.community.query('accounts:own', {}, { by: account.mspId });
        const waiting = statements.filter(({ takenIn }) => takenIn === null).map((each) => each.statement);
        const simulated = await account.endorse(name, args as never, { ...movement, statements: waiting }, more);
        return { simulated, endorsers: [account.mspId, DSO] };
    }

    /** What the bank has stated is what is on the accounts and what waits; nothing is below zero. */
    async check(): Promise<void> {
        for (const { mspId } of this.#accounts) {
            const { account, statements } = await this.community.query('accounts:own', {}, { by: mspId });
            const taken = statements.filter(({ takenIn }) => takenIn !== null).map((each) => each.statement);
            const sum = (kind: string): bigint =>
                taken.reduce((total, each) => total + (each.kind === kind ? each.amountNanos : 0n), 0n);
            const held = (account?.holds ?? []).reduce((total, { amountNanos }) => total + amountNanos, 0n);
            const available = account?.availableNanos ?? 0n;
            expect(available + held).toBe(sum('deposit') - sum('paidOut'));
            expect(available >= 0n).toBe(true);
        }
    }
}

it('whatever members, bank and an ordering service that repeats and delays do: no money comes from or goes nowhere', async () => {
    const steps = fc.array(fc.record({ action, isDelayed: fc.boolean() }), { minLength: 10, maxLength: 25 });
    await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
            const bench = await Bench.open();
            const delayed: Endorsed[] = [];
            for (const { action: asked, isDelayed } of sequence) {
                const endorsed = await bench.endorse(asked);
                if (endorsed !== undefined && isDelayed) {
                    delayed.push(endorsed);
                } else if (endorsed !== undefined) {
                    bench.commit(endorsed);
                    delayed.splice(0).forEach((each) => {
                        bench.commit(each);
                    });
                }
                await bench.check();
            }
        }),
        { numRuns: 12, seed: 1 },
    );
}, 120_000);
