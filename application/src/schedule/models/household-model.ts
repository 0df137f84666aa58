import type { NanosPerKwh, PoolEnergy } from '@commonwatt/chaincode/domain/schedule/exchange';

/** What an iteration asks of a household. */
export interface StepInput {
    /** λ by slot. */
    readonly prices: readonly NanosPerKwh[];
    /** ρ, nanos/kWh for each Wh. */
    readonly penalty: bigint;
    /** z by slot, Wh from the pool; may be fractions, for it is a mean of whole numbers. */
    readonly reference: readonly number[];
}

/** What one device does: Wh by slot, positive is taken from the home. */
export interface DevicePlan {
    readonly device: string;
    readonly energies: readonly bigint[];
}

export interface StepResult {
    /** By slot: the sum of the devices' plans. What is submitted. */
    readonly energies: readonly PoolEnergy[];
    /** In the order in which the home lists its devices. Nobody but the home sees them. */
    readonly plans: readonly DevicePlan[];
}

/** A household as the exchange meets it: it answers prices with energies, and how it comes to them is its own business. */
export interface HouseholdModel {
    readonly slots: number;
    /**
     * argmin own cost + λ·x + ρ/2·‖x − z‖² (Boyd et al. 2010, 7.3.2: the proximal step of exchange ADMM), in whole Wh: every limit of
     * connection and devices holds exactly; the sum is within a rounding of the minimum over the reals.
     */
    step(input: StepInput): Promise<StepResult>;
}
