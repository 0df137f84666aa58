/**
 * Where a sell and purchase contract stands. `offered`: anybody may buy it. `bought`: the price lies in escrow. `released`: the storage
 * system says that the energy leaves it. `confirmed`: it has left, the seller is paid. See docs/concepts/contracts-with-storage.
 */
export type ContractStatus = 'offered' | 'withdrawn' | 'bought' | 'released' | 'confirmed' | 'refunded';
export type ContractAction = 'offer' | 'withdraw' | 'buy' | 'release' | 'confirm' | 'refund';

interface Transition {
    /** `none`: there is no contract over this energy yet. */
    readonly from: readonly (ContractStatus | 'none')[];
    readonly to: ContractStatus;
}

/** Who withdrew, or was refunded, has the energy still: it may be offered again. */
const TRANSITIONS: Readonly<Record<ContractAction, Transition>> = {
    offer: { from: ['none', 'withdrawn', 'refunded'], to: 'offered' },
    withdraw: { from: ['offered'], to: 'withdrawn' },
    buy: { from: ['offered'], to: 'bought' },
    release: { from: ['bought'], to: 'released' },
    confirm: { from: ['released'], to: 'confirmed' },
    refund: { from: ['bought', 'released'], to: 'refunded' },
};

/** The status after an action, or undefined where the life of a contract has no such step. */
export function after(status: ContractStatus | undefined, action: ContractAction): ContractStatus | undefined {
    const { from, to } = TRANSITIONS[action];
    return from.includes(status ?? 'none') ? to : undefined;
}

/** A contract that ties up its energy: the same energy is not offered a second time. */
export const tiesEnergy = (status: ContractStatus | undefined): boolean =>
    status !== undefined && after(status, 'offer') === undefined;

/** Money waits for what becomes of it. */
export const isPending = (status: ContractStatus): boolean => after(status, 'refund') !== undefined;
