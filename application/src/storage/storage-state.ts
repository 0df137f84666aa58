import type { PurchaseRecord, StorageTermsRecord } from '@commonwatt/chaincode/api/records';
import { wattHours } from '@commonwatt/chaincode/domain/quantity';
import { releasable, stateOfCharge } from '@commonwatt/chaincode/domain/storage/storage';
import { contractFacts, type ContractFacts, type DayContracts } from './contract-energy';

/** A storage system at the end of a day, out of what is on the channel. */
export interface StorageState {
    readonly home: string;
    readonly day: string;
    readonly terms: StorageTermsRecord;
    /** Taken in for prosumers, and what of it can be given out. */
    readonly attestedWh: bigint;
    readonly releasableWh: bigint;
    /** Bought, and neither confirmed nor refunded yet. */
    readonly promisedWh: bigint;
    /** Confirmed. */
    readonly givenWh: bigint;
    /** Releasable and not given out: what is promised is still in it. */
    readonly chargeWh: bigint;
    readonly contracts: readonly ContractFacts[];
}

export interface StorageDay {
    readonly home: string;
    readonly day: string;
    readonly lastSlot: number;
    readonly terms: StorageTermsRecord;
}

/** Adds up the days whose energy may still lie in it: `known` is what the ledger has of each, the oldest first. */
export function storageState({ home, day, lastSlot, terms }: StorageDay, known: readonly DayContracts[]): StorageState {
    const taken = known.flatMap(({ attestations }) =>
        attestations.map(({ slot, energyWh }) => ({ slot, energy: wattHours(energyWh) })),
    );
    const withStatus = (...statuses: readonly PurchaseRecord['status'][]): PurchaseRecord[] =>
        known.flatMap(({ purchases }) => purchases.filter(({ status }) => statuses.includes(status)));
    const given = withStatus('confirmed').map(({ deliverySlot, energyWh }) => ({
        slot: deliverySlot,
        energy: wattHours(energyWh),
    }));
    const sum = (values: readonly bigint[]): bigint => values.reduce((so, each) => so + each, 0n);
    return {
        ...{ home, day, terms },
        attestedWh: sum(taken.map(({ energy }) => energy)),
        releasableWh: sum(taken.map(({ energy }) => releasable(energy, terms))),
        promisedWh: sum(withStatus('bought', 'released').map(({ energyWh }) => energyWh)),
        givenWh: sum(given.map(({ energy }) => energy)),
        chargeWh: stateOfCharge(taken, given, lastSlot, terms),
        contracts: known.flatMap(contractFacts),
    };
}
