import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Escrow, OfferRecord } from '../../../api/records';
import type { SubmitName } from '../../../api/transactions';
import { nanos, wattHours } from '../../../domain/quantity';
import { parseRefusal } from '../../../domain/refusals';
import { releasable } from '../../../domain/storage/storage';
import { DAY, DSO, household, type TestCommunity } from '../../../testing/community';
import { inputsOf, signedEscrow, TestAccount, withBank } from '../../../testing/market/money';
import {
    attestation,
    deliveryStatement,
    EVENING,
    NOON,
    offer,
    offering,
    purchaseStatement,
    STORAGE,
    STORAGE_TERMS,
    storageCommunity,
} from '../../../testing/market/storage';
import type { Simulated } from '../../../testing/memory-network';
import { SEED } from '../../../testing/property';
import { escrowName } from './buying';

const MEMBERS = [household(1), household(2), household(3)];
const QUORUM = [DSO, household(1), household(2)];
/** Of each lot: who gave its energy. */
const LOTS = [
    { id: 'a1', seller: household(1) },
    { id: 'a2', seller: household(2) },
] as const;
const PRICE = 361n * 150_000n;
const AFTER_DEADLINE = (EVENING + 1 + STORAGE_TERMS.refundSlots) * 900;

type Fate = 'committed' | 'waiting' | 'twice' | 'lost';
type Action = Readonly<
    { fate: Fate } & (
        | { kind: 'attest'; lot: number }
        | { kind: 'offer' | 'withdraw' | 'release' | 'confirm' | 'refund'; lot: number; version: number }
        | { kind: 'buy'; lot: number; version: number; member: number }
        | { kind: 'takeIn'; member: number }
    )
>;
type Step = Action | { readonly kind: 'late'; readonly which: number } | { readonly kind: 'crash' };

const fate = fc.oneof(
    { weight: 6, arbitrary: fc.constant('committed' as const) },
    { weight: 3, arbitrary: fc.constant('waiting' as const) },
    { weight: 1, arbitrary: fc.constantFrom('twice' as const, 'lost' as const) },
);
const lot = fc.nat(LOTS.length - 1);
// Few versions, few buyers, money for two: purchases meet each other and empty accounts.
const version = fc.constantFrom(1, 1, 1, 2, 2, 3);
const member = fc.nat(MEMBERS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('attest' as const), lot, fate }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('offer' as const), lot, version, fate }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), lot, version, fate }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('buy' as const), lot, version, member, fate }) },
    {
        weight: 9,
        arbitrary: fc.record({
            kind: fc.constantFrom<'release' | 'confirm' | 'refund'>(
                'release',
                'release',
                'confirm',
                'confirm',
                'refund',
            ),
            lot,
            version,
            fate,
        }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('takeIn' as const), member, fate }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('late' as const), which: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

interface Proposal {
    readonly name: SubmitName;
    readonly args: object;
    readonly by: string;
    readonly endorsers: readonly string[];
    readonly transient?: Readonly<Record<string, unknown>>;
    readonly time?: number;
}
interface Endorsed {
    readonly simulated: Simulated;
    readonly endorsers: readonly string[];
}

const nameOf = (at: number, v: number) => ({ slot: NOON, id: LOTS[at]?.id ?? '', version: v });

/** Sellers, buyers and a storage system that do at random what contracts allow, on one state or on an old one. */
class Bench {
    readonly #waiting: Endorsed[] = [];
    readonly reached = new Set<string>();

    private constructor(readonly community: TestCommunity) {}

    static async open(): Promise<Bench> {
        const bench = new Bench(await storageCommunity());
        await withBank(bench.community);
        for (const [i, mspId] of MEMBERS.entries()) {
            await new TestAccount(bench.community, mspId).fill(PRICE * BigInt(i) + 1n);
        }
        return bench;
    }

    async run(each: Step): Promise<void> {
        if (each.kind === 'crash') {
            this.#waiting.length = 0;
            this.community.network.restart();
        } else if (each.kind === 'late') {
            const [endorsed] = this.#waiting.splice(each.which % Math.max(1, this.#waiting.length), 1);
            if (endorsed !== undefined) {
                this.community.network.commit(endorsed.simulated, endorsed.endorsers);
            }
        } else {
            await this.#act(each);
        }
        await this.#check();
    }

    async #act(action: Action): Promise<void> {
        const endorsed = await this.#endorsed(action);
        if (endorsed === undefined || action.fate === 'lost') {
            return;
        }
        if (action.fate === 'waiting') {
            this.#waiting.push(endorsed);
            return;
        }
        const { network } = this.community;
        expect(network.commit(endorsed.simulated, endorsed.endorsers)).toBe('VALID');
        this.reached.add(action.kind);
        if (action.fate === 'twice') {
            expect(network.commit(endorsed.simulated, endorsed.endorsers)).not.toBe('VALID');
        }
    }

    /** Undefined where it is refused; then nothing was written. */
    async #endorsed(action: Action): Promise<Endorsed | undefined> {
        const { name, args, ...options } = await this.#proposal(action);
        try {
            const simulated = await this.community.endorse(name, args as never, options);
            return { simulated, endorsers: options.endorsers };
        } catch (error) {
            if (!(error instanceof Error) || parseRefusal(error.message) === undefined) {
                throw error;
            }
            return undefined;
        }
    }

    async #proposal(action: Action): Promise<Proposal> {
        if (action.kind === 'takeIn') {
            return this.#takingIn(MEMBERS[action.member] ?? '');
        }
        const { id, seller } = LOTS[action.lot] ?? LOTS[0];
        if (action.kind === 'attest') {
            const attestations = [attestation({ id, prosumer: seller })];
            const args = { day: DAY, attestations };
            return { name: 'contracts:attest', args, by: STORAGE, endorsers: [STORAGE, DSO] };
        }
        return this.#ofVersion(action, seller);
    }

    async #ofVersion(action: Exclude<Action, { kind: 'takeIn' | 'attest' }>, seller: string): Promise<Proposal> {
        const named = nameOf(action.lot, action.version);
        const byStorage = { by: STORAGE, endorsers: [STORAGE, DSO] };
        const bySeller = { by: seller, endorsers: [seller, DSO] };
        const sold = await this.#offered(action.lot, action.version);
        switch (action.kind) {
            case 'offer':
                return { name: 'contracts:offer', args: offering(sold, undefined, { id: named.id }), ...bySeller };
            case 'withdraw':
                return { name: 'contracts:withdraw', args: named, ...bySeller };
            case 'buy':
                return this.#buying(named, sold, MEMBERS[action.member] ?? '');
            case 'release':
                return { name: 'contracts:release', args: await this.#delivery(named, sold, 'released'), ...byStorage };
            case 'confirm': {
                const args = await this.#delivery(named, sold, 'confirmed');
                return { name: 'contracts:confirm', args, by: STORAGE, endorsers: QUORUM };
            }
            case 'refund':
                return { name: 'contracts:refund', args: named, by: DSO, endorsers: QUORUM, time: AFTER_DEADLINE };
        }
    }

    /** The offer that stands, or one that would come next: signatures have a random part, and are named by their hash. */
    async #offered(at: number, v: number): Promise<OfferRecord> {
        const { id, seller } = LOTS[at] ?? LOTS[0];
        const { contracts } = await this.community.query('contracts:of', { day: DAY });
        const known = contracts.find((each) => each.id === id && each.offer.version === v);
        return known?.offer ?? offer({ id, prosumer: seller, version: v, deliverySlot: EVENING + at });
    }

    async #delivery(named: ReturnType<typeof nameOf>, sold: OfferRecord, says: 'released' | 'confirmed') {
        const { purchases } = await this.community.query('contracts:of', { day: DAY });
        const bought = purchases.find((each) => each.id === named.id && each.version === named.version);
        const buyer = bought?.statement.buyer ?? household(3);
        return { purchases: [{ ...named, statement: deliveryStatement(sold, buyer, says) }] };
    }

    async #buying(named: ReturnType<typeof nameOf>, sold: OfferRecord, buyer: string): Promise<Proposal> {
        const { version: charterVersion } = await this.community.query('charter:document', {});
        const row = signedEscrow({
            contract: escrowName(named),
            buyer,
            seller: sold.seller,
            amountNanos: sold.energyWh * sold.price,
            feeNanos: sold.feeNanos,
            slot: sold.deliverySlot,
            charterVersion,
            status: 'held',
        });
        const known = await new TestAccount(this.community, buyer).record();
        const account = inputsOf(buyer, { known, use: { kind: 'escrow', amount: nanos(row.amountNanos) } });
        return {
            name: 'contracts:buy',
            args: { ...named, statement: purchaseStatement(sold, buyer) },
            by: buyer,
            endorsers: [buyer, DSO],
            transient: { account, escrowSignature: row.signature },
        };
    }

    /** Every escrow that has ended in favour of the member and is not on its account. */
    async #takingIn(mspId: string): Promise<Proposal> {
        const escrows = (await this.community.query('accounts:escrows', {}))
            .filter(({ escrow, isTakenIn }) => !isTakenIn && receiverOf(escrow) === mspId)
            .map(({ escrow }) => escrow);
        const known = await new TestAccount(this.community, mspId).record();
        const account = inputsOf(mspId, { known, escrows });
        return { name: 'accounts:takeIn', args: {}, by: mspId, endorsers: [mspId, DSO], transient: { account } };
    }

    /** No nano comes from or goes nowhere, no watt-hour is sold twice, and purchase and money tell the same. */
    async #check(): Promise<void> {
        const escrows = await this.community.query('accounts:escrows', {});
        const fees = sum(escrows.map(({ escrow }) => (escrow.status === 'paid' ? escrow.feeNanos : 0n)));
        const outside = sum(escrows.map(({ escrow, isTakenIn }) => (isTakenIn ? 0n : receivable(escrow))));
        let onAccounts = 0n;
        for (const mspId of MEMBERS) {
            const account = await new TestAccount(this.community, mspId).record();
            const taken = escrows.filter(({ escrow, isTakenIn }) => isTakenIn && receiverOf(escrow) === mspId);
            const given = escrows.filter(({ escrow }) => escrow.buyer === mspId);
            expect(account?.turnover.receivedNanos ?? 0n).toBe(sum(taken.map(({ escrow }) => receivable(escrow))));
            expect(account?.turnover.escrowedNanos ?? 0n).toBe(sum(given.map(({ escrow }) => escrow.amountNanos)));
            onAccounts += account?.availableNanos ?? 0n;
        }
        expect(onAccounts + outside + fees).toBe(PRICE * 3n + 3n);
        await this.#checkEnergy(escrows.map(({ escrow }) => escrow));
    }

    async #checkEnergy(escrows: readonly Escrow[]): Promise<void> {
        const { attestations, purchases } = await this.community.query('contracts:of', { day: DAY });
        for (const { id } of LOTS) {
            const standing = purchases.filter((each) => each.id === id && each.status !== 'refunded');
            expect(standing.length).toBeLessThanOrEqual(1);
            const attested = sum(attestations.filter((each) => each.id === id).map(({ energyWh }) => energyWh));
            const sold = sum(standing.map(({ energyWh }) => energyWh));
            expect(sold <= releasable(wattHours(attested), STORAGE_TERMS)).toBe(true);
        }
        expect(escrows).toHaveLength(purchases.length);
        for (const purchase of purchases) {
            const row = escrows.find(({ contract }) => contract === escrowName(purchase));
            const expected = { bought: 'held', released: 'held', confirmed: 'paid', refunded: 'refunded' } as const;
            expect(row).toMatchObject({ buyer: purchase.statement.buyer, status: expected[purchase.status] });
        }
    }
}

const receiverOf = ({ status, seller, buyer }: Escrow): string | undefined =>
    status === 'held' ? undefined : status === 'paid' ? seller : buyer;
const receivable = ({ status, amountNanos, feeNanos }: Escrow): bigint =>
    status === 'paid' ? amountNanos - feeNanos : amountNanos;
const sum = (all: readonly bigint[]): bigint => all.reduce((total, each) => total + each, 0n);

/** Where a sequence begins: few would come to a purchase by themselves. */
const BEGINNING: readonly Step[] = [
    { kind: 'attest', lot: 0, fate: 'committed' },
    { kind: 'offer', lot: 0, version: 1, fate: 'committed' },
];
const BOUGHT: Step = { kind: 'buy', lot: 0, version: 1, member: 2, fate: 'committed' };

it('whatever sellers, buyers, storage system and an ordering service that repeats, delays and forgets do: no money and no energy is lost or made', async () => {
    const reached = new Set<string>();
    await fc.assert(
        fc.asyncProperty(fc.boolean(), fc.array(step, { minLength: 15, maxLength: 35 }), async (isBought, sequence) => {
            const bench = await Bench.open();
            for (const each of [...BEGINNING, ...(isBought ? [BOUGHT] : []), ...sequence]) {
                await bench.run(each);
            }
            bench.reached.forEach((kind) => reached.add(kind));
        }),
        { numRuns: 24, seed: SEED },
    );
    // A sequence that never comes to an end of a contract would prove nothing.
    expect([...reached].sort()).toEqual(
        ['attest', 'buy', 'confirm', 'offer', 'refund', 'release', 'takeIn', 'withdraw'].sort(),
    );
}, 300_000);
