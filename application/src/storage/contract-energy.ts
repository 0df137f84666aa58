import type { HomeRegisters } from '../data/meter-day';
import type { ContractRecord, PurchaseRecord, AttestationRecord } from '@commonwatt/chaincode/api/records';
import { paymentOf } from './statements';

/** What the channel has of a day's contracts. */
export interface DayContracts {
    readonly attestations: readonly AttestationRecord[];
    readonly contracts: readonly ContractRecord[];
    readonly purchases: readonly PurchaseRecord[];
}

export const NO_CONTRACTS: DayContracts = { attestations: [], contracts: [], purchases: [] };

/** What a member's meter sees in a slot under contracts, and what passes its account for it. */
export interface ContractEnergy {
    /** Positive is given, negative taken. */
    readonly contractedWh: bigint;
    /** Taken as a buyer: fees are due on it. */
    readonly receivedWh: bigint;
    /** Positive is paid, negative is received. Beside the bill: by escrow. */
    readonly paidNanos: bigint;
}

export const NOTHING: ContractEnergy = { contractedWh: 0n, receivedWh: 0n, paidNanos: 0n };

/**
 * A member's energy under contracts by slot, from what is public. `counts` says which purchases: those that will be delivered when it orders, those
 * that were when it settles. A seller has its money in the slot in which it gave the energy.
 */
export function energyOf(
    mspId: string,
    { attestations, contracts, purchases }: DayContracts,
    counts: (status: PurchaseRecord['status']) => boolean,
): ReadonlyMap<number, ContractEnergy> {
    const bySlot = new Map<number, ContractEnergy>();
    const add = (slot: number, change: Partial<ContractEnergy>): void => {
        const before = bySlot.get(slot) ?? NOTHING;
        bySlot.set(slot, {
            contractedWh: before.contractedWh + (change.contractedWh ?? 0n),
            receivedWh: before.receivedWh + (change.receivedWh ?? 0n),
            paidNanos: before.paidNanos + (change.paidNanos ?? 0n),
        });
    };
    for (const { slot, prosumer, storage, energyWh } of attestations) {
        if (prosumer === mspId) {
            add(slot, { contractedWh: energyWh });
        } else if (storage === mspId) {
            add(slot, { contractedWh: -energyWh });
        }
    }
    for (const purchase of purchases.filter(({ status }) => counts(status))) {
        const { deliverySlot, energyWh, storage, seller, slot, statement } = purchase;
        if (storage === mspId) {
            add(deliverySlot, { contractedWh: energyWh });
        } else if (statement.buyer === mspId) {
            add(deliverySlot, { contractedWh: -energyWh, receivedWh: energyWh, paidNanos: statement.paymentNanos });
        } else if (seller === mspId) {
            add(slot, { paidNanos: -(statement.paymentNanos - feeOf(contracts, purchase)) });
        }
    }
    return bySlot;
}

/** An offer may have been withdrawn and made again since; what was bought says what was paid. */
function feeOf(contracts: readonly ContractRecord[], { slot, id, version }: PurchaseRecord): bigint {
    const bought = contracts.find((each) => each.slot === slot && each.id === id && each.offer.version === version);
    return bought?.offer.feeNanos ?? 0n;
}

/** One contract as people read it. */
export interface ContractFacts {
    readonly id: string;
    readonly seller: string;
    readonly buyer: string | undefined;
    readonly storedIn: number;
    readonly deliveredIn: number;
    readonly takenWh: bigint;
    readonly deliveredWh: bigint;
    readonly price: bigint;
    readonly paymentNanos: bigint;
    readonly feeNanos: bigint;
    readonly status: string;
}

export function contractFacts({ attestations, contracts, purchases }: DayContracts): ContractFacts[] {
    return contracts.map(({ slot, id, status, offer }) => {
        const isOfLot = (each: { readonly slot: number; readonly id: string }): boolean =>
            each.slot === slot && each.id === id;
        const purchase = purchases.find((each) => isOfLot(each) && each.version === offer.version);
        return {
            id,
            seller: offer.seller,
            buyer: purchase?.statement.buyer,
            storedIn: slot,
            deliveredIn: offer.deliverySlot,
            takenWh: attestations.find(isOfLot)?.energyWh ?? 0n,
            deliveredWh: offer.energyWh,
            price: offer.price,
            paymentNanos: paymentOf(offer),
            feeNanos: offer.feeNanos,
            status: purchase?.status ?? status,
        };
    });
}

/** A meter's registers with what passed it under contracts besides: taken is consumed, given is produced. */
export function withContracts(
    registers: HomeRegisters,
    firstSlot: number,
    contracts: ReadonlyMap<number, ContractEnergy>,
): HomeRegisters {
    let [taken, given] = [0n, 0n];
    const grown = (register: readonly bigint[], passed: (index: number) => bigint): bigint[] =>
        register.map((shown, index) => shown + (index === 0 ? 0n : passed(index - 1)));
    const energyAt = (index: number): bigint => contracts.get(firstSlot + index)?.contractedWh ?? 0n;
    return {
        ...registers,
        consumed: grown(registers.consumed, (index) => (taken += energyAt(index) < 0n ? -energyAt(index) : 0n)),
        produced: grown(registers.produced, (index) => (given += energyAt(index) > 0n ? energyAt(index) : 0n)),
    };
}
