import { setTimeout as pause } from 'node:timers/promises';
import type { AttestationRecord, Charter, PurchaseRecord, StorageTermsRecord } from '@commonwatt/chaincode/api/records';
import { storageOn } from '@commonwatt/chaincode/domain/storage/terms';
import { TransactionInvalid, TransactionRefused } from '../gateway/failures';
import type { OwnerKeys } from '../household/keys';
import { Accounts } from '../market/accounts';
import { Contracts } from '../market/contracts';
import type { TypedCalls } from '../market/typed-calls';
import { onceCaughtUp } from './catching-up';
import { NO_CONTRACTS, type DayContracts } from './contract-energy';
import { planContracts, type HomeExpectation, type PlannedContract } from './contract-plan';
import { agreed, attestation, delivery, exchanged, offer, purchase } from './statements';

/** A member whose agent runs here. */
export interface Trader extends HomeExpectation {
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
}

export interface ContractParts {
    readonly day: string;
    readonly firstSlot: number;
    readonly charter: Charter;
    readonly operator: string;
    /** Everybody who may sell or buy, the storage system's organisation among them. */
    readonly traders: readonly Trader[];
}

/** A few a day: enough to see them, too few to be waited for. */
const MOST_CONTRACTS = 4;
/** For a peer that is a block behind. */
const WAITS_MS = [50, 100, 200, 400, 800, 1_600, 3_200];
/** Micros per kWh: more than the sun brings at noon after losses, less than the supplier asks in the evening after fees. */
const PRICE = 190_000n;

/**
 * The contracts with storage of one day: what the storage took in at noon is attested, offered, and bought for the evening; later released and
 * confirmed. Each step first looks at what the ledger has, so that a day that was broken off goes on from there. What the market refuses is that
 * contract's end and nobody else's.
 */
export class ContractsOfDay {
    readonly refused: string[] = [];
    readonly #parts: ContractParts;
    readonly #terms: StorageTermsRecord | undefined;
    readonly #storage: Trader | undefined;
    readonly #plan: readonly PlannedContract[];

    constructor(parts: ContractParts) {
        this.#parts = parts;
        this.#terms = storageOn(parts.charter.storage, parts.day);
        this.#storage = parts.traders.find(({ mspId }) => mspId === this.#terms?.mspId);
        this.#plan =
            this.#terms === undefined || this.#storage === undefined
                ? []
                : planContracts(parts.traders, this.#terms, MOST_CONTRACTS);
    }

    /** The organisation that has the storage, where its agent runs here. */
    get storageMspId(): string | undefined {
        return this.#storage?.mspId;
    }

    /** What is to be stored and sold. */
    get plan(): readonly PlannedContract[] {
        return this.#plan;
    }

    /** Attests, offers, buys. Before the rounds, so that everybody orders what is left. */
    async agree(): Promise<DayContracts> {
        const [storage, terms] = [this.#storage, this.#terms];
        if (storage === undefined || terms === undefined || this.#plan.length === 0) {
            return NO_CONTRACTS;
        }
        const known = await this.#onLedger(storage);
        const lots = await Promise.all(this.#plan.map((planned) => this.#attestation(storage, planned)));
        await this.#attest(storage, terms, lots, known);
        const posted = known.contracts.map(({ id }) => id);
        for (const [i, planned] of this.#plan.entries()) {
            const isDone = posted.includes(planned.id);
            if (!isDone && (await this.#unlessRefused(planned, () => this.#offer(planned, terms, lots[i])))) {
                posted.push(planned.id);
            }
        }
        const offered = await this.#seen(storage, ({ contracts }) => isAmong(posted, contracts));
        // One after the other: each looks at what was bought before.
        const ids: string[] = [];
        for (const planned of this.#plan) {
            ids.push(...((await this.#buyIfOffered(planned, offered)) ? [planned.id] : []));
        }
        return this.#seen(storage, ({ purchases }) => isAmong(ids, purchases));
    }

    /** Releases and confirms what was bought: the energy has been given out, the sellers are paid. */
    async deliver(): Promise<DayContracts> {
        const storage = this.#storage;
        if (storage === undefined) {
            return NO_CONTRACTS;
        }
        const { keys, calls } = storage;
        const { charter, day, operator } = this.#parts;
        const contracts = new Contracts(calls);
        const stated = (says: 'released' | 'confirmed', of: readonly PurchaseRecord[]) =>
            Promise.all(
                of.map(async (each) => {
                    const { slot, id, version } = each;
                    return { slot, id, version, statement: await delivery(keys, each, says) };
                }),
            );
        const withStatus = async (status: string): Promise<PurchaseRecord[]> =>
            (await contracts.of(day)).purchases.filter((each) => each.status === status);
        const bought = await withStatus('bought');
        if (bought.length > 0) {
            const statements = await stated('released', bought);
            await onceCaughtUp(() => contracts.release(statements, operator));
        }
        const released = await withStatus('released');
        const [first] = released;
        if (first !== undefined) {
            const statements = await stated('confirmed', released);
            await onceCaughtUp(() => contracts.confirm(statements, charter, first, day));
        }
        return contracts.of(day);
    }

    #onLedger({ calls }: Trader): Promise<DayContracts> {
        return new Contracts(calls).of(this.#parts.day);
    }

    /** What others had committed at their peers may be a block behind at the one that is asked. */
    async #seen(storage: Trader, isThere: (known: DayContracts) => boolean): Promise<DayContracts> {
        for (const wait of WAITS_MS) {
            const known = await this.#onLedger(storage);
            if (isThere(known)) {
                return known;
            }
            await pause(wait);
        }
        return this.#onLedger(storage);
    }

    /** The prosumer's agent signs what it gives first, and hands that to the storage system's. */
    async #attestation(
        { keys, mspId }: Trader,
        { id, seller, storedAt, takenWh }: PlannedContract,
    ): Promise<AttestationRecord> {
        const { day, firstSlot } = this.#parts;
        const what = { storage: mspId, prosumer: seller, energyWh: takenWh };
        const exchange = exchanged({ day, slot: firstSlot + storedAt, id }, what);
        return attestation(keys, exchange, await agreed(this.#trader(seller).keys, exchange));
    }

    /** By request and response a seller gets its attestation from the storage system, and brings it along. */
    async #attest(
        { calls }: Trader,
        { credibility }: StorageTermsRecord,
        lots: readonly AttestationRecord[],
        known: DayContracts,
    ): Promise<void> {
        const there = new Set(known.attestations.map(({ key }) => key));
        const missing = lots.filter(({ key }) => !there.has(key));
        if (credibility === 'broadcast' && missing.length > 0) {
            const { day, operator } = this.#parts;
            await this.#unlessRefused({ id: 'attestations' }, () =>
                new Contracts(calls).attest(day, missing, operator),
            );
        }
    }

    async #offer(
        planned: PlannedContract,
        terms: StorageTermsRecord,
        lot: AttestationRecord | undefined,
    ): Promise<void> {
        const { day, firstSlot, operator } = this.#parts;
        const seller = this.#trader(planned.seller);
        const at = { day, slot: firstSlot + planned.storedAt, id: planned.id };
        const signed = await offer(seller.keys, at, {
            version: 1,
            seller: seller.mspId,
            storage: terms.mspId,
            energyWh: planned.deliveredWh,
            price: PRICE,
            feeNanos: terms.fee * planned.deliveredWh,
            deliverySlot: firstSlot + planned.deliveredAt,
        });
        const asked =
            terms.credibility === 'broadcast'
                ? undefined
                : { storage: terms.mspId, ...(lot === undefined ? {} : { attestation: lot }) };
        await new Contracts(seller.calls).offer(at, signed, operator, asked);
    }

    /** Returns whether the contract is bought. */
    async #buyIfOffered(planned: PlannedContract, { contracts, purchases }: DayContracts): Promise<boolean> {
        const contract = contracts.find(({ id, status }) => id === planned.id && status === 'offered');
        const isBought = purchases.some(({ id }) => id === planned.id);
        if (contract === undefined || isBought) {
            return isBought;
        }
        return this.#unlessRefused(planned, async () => {
            const { charter, operator } = this.#parts;
            const { slot, id, offer: wanted } = contract;
            const { version } = wanted;
            const buyer = this.#trader(planned.buyer);
            const statement = await purchase(buyer.keys, contract, buyer.mspId, wanted);
            const row = {
                contract: `${slot}-${id}-${version}`,
                buyer: buyer.mspId,
                seller: wanted.seller,
                amountNanos: statement.paymentNanos,
                feeNanos: wanted.feeNanos,
                slot: wanted.deliverySlot,
                charterVersion: charter.version,
                status: 'held' as const,
            };
            const { account, signature } = await new Accounts(buyer.calls, buyer.keys, charter).payment(row);
            const payment = { account, escrowSignature: signature };
            await new Contracts(buyer.calls).buy({ slot, id, version }, statement, payment, operator);
        });
    }

    /** Returns whether it was done. */
    async #unlessRefused({ id }: { readonly id: string }, work: () => Promise<void>): Promise<boolean> {
        try {
            await onceCaughtUp(work);
            return true;
        } catch (error) {
            if (error instanceof TransactionRefused) {
                this.refused.push(`${id}: ${error.refusal.code}`);
            } else if (error instanceof TransactionInvalid) {
                this.refused.push(`${id}: ${error.validationCode}`);
            } else {
                throw error;
            }
            return false;
        }
    }

    #trader(mspId: string): Trader {
        const found = this.#parts.traders.find((each) => each.mspId === mspId);
        if (found === undefined) {
            throw new Error(`no agent of ${mspId} runs here`);
        }
        return found;
    }
}

const isAmong = (ids: readonly string[], found: readonly { readonly id: string }[]): boolean =>
    ids.every((id) => found.some((each) => each.id === id));
