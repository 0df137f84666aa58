import type { Clock } from '@commonwatt/chaincode/domain/slot';

/** How a slot's energy is known, for who reads an export. */
export type Quality = 'metered' | 'interpolated' | 'estimated';

/** A slot of an export, from the meter's own readings or from those on the ledger. What is unknown is left out. */
export interface ExportedSlot {
    readonly slot: number;
    readonly importWh: bigint;
    readonly exportWh: bigint;
    readonly quality: Quality;
}

export interface ReadingsExport {
    /** The household's id, as it is known in the community. */
    readonly household: string;
    readonly clock: Clock;
    /** In the order of time, each once. */
    readonly slots: readonly ExportedSlot[];
}
