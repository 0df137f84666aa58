import type { Clearing, Order, RoundRules } from '../auction/order';
import { dynamicProRata, equalShares, hybridKey, staticKey, staticRounds } from './allocation-keys';
import { payAsBid } from './pay-as-bid';
import { coalitionHighestLosing, coalitionPayAsBid } from './pooled';
import { compensatedRatio, midMarketRate, supplyDemandRatio } from './reference-price';
import { sharingBy, sharingByMatrix } from './sharing';
import { tradeReduction } from './trade-reduction';
import { mcAfee, stronglyBalanced } from './unit-demand';
import { clear } from '../auction/uniform-price';

/** A rule that turns a round's orders into fills and amounts, or a reason, for each. Pure, and blind to the order of arrival. */
export interface Mechanism {
    /** On the ledger with every round. A rule that changes gets a new name. */
    readonly name: string;
    /** What governance must set besides the market's terms. */
    readonly needs: 'nothing' | 'lot' | 'keys' | 'matrix';
    clear(orders: readonly Order[], rules: RoundRules): Clearing;
}

export const UNIFORM_PRICE: Mechanism = { name: 'uniform-price/v1', needs: 'nothing', clear };

/** The first is the default. Their properties stand with each rule, and in docs/concepts/mechanisms.md as a table. */
export const MECHANISMS: readonly Mechanism[] = [
    UNIFORM_PRICE,
    { name: 'pay-as-bid/v1', needs: 'nothing', clear: payAsBid },
    { name: 'coalition-pay-as-bid/v1', needs: 'nothing', clear: coalitionPayAsBid },
    { name: 'coalition-highest-losing/v1', needs: 'nothing', clear: coalitionHighestLosing },
    { name: 'mcafee/v1', needs: 'lot', clear: mcAfee },
    { name: 'sbba/v1', needs: 'lot', clear: stronglyBalanced },
    { name: 'trade-reduction/v1', needs: 'nothing', clear: tradeReduction },
    { name: 'mid-market-rate/v1', needs: 'nothing', clear: midMarketRate },
    { name: 'supply-demand-ratio/v1', needs: 'nothing', clear: supplyDemandRatio },
    { name: 'supply-demand-ratio-compensated/v1', needs: 'nothing', clear: compensatedRatio },
    { name: 'sharing-static/v1', needs: 'keys', clear: sharingBy(staticKey) },
    { name: 'sharing-static-rounds/v1', needs: 'keys', clear: sharingBy(staticRounds) },
    { name: 'sharing-pro-rata/v1', needs: 'nothing', clear: sharingBy(dynamicProRata) },
    { name: 'sharing-equal/v1', needs: 'nothing', clear: sharingBy(equalShares) },
    { name: 'sharing-hybrid/v1', needs: 'keys', clear: sharingBy(hybridKey) },
    { name: 'sharing-matrix/v1', needs: 'matrix', clear: sharingByMatrix },
];

export const mechanismNames = MECHANISMS.map(({ name }) => name);

export function mechanism(name: string): Mechanism | undefined {
    return MECHANISMS.find((one) => one.name === name);
}

/** What a community chose, with what the rule needs. */
export interface MechanismChoice {
    readonly name: string;
    readonly lotWh?: bigint | undefined;
    readonly reserve?: bigint | undefined;
    readonly keys?: readonly AllocationShare[] | undefined;
}

export interface AllocationShare {
    /** In a matrix only. */
    readonly producer?: string | undefined;
    readonly consumer: string;
    readonly weight: bigint;
}

/** Why this is no choice, or undefined if it is. */
export function choiceFlaw(choice: MechanismChoice): string | undefined {
    const rule = mechanism(choice.name);
    if (rule === undefined) {
        return `there is no rule ${choice.name}`;
    }
    if ((rule.needs === 'lot') !== (choice.lotWh !== undefined)) {
        return rule.needs === 'lot' ? `${rule.name} needs the energy of a lot` : `${rule.name} has no lots`;
    }
    return keysFlaw(rule, choice.keys);
}

function keysFlaw({ name, needs }: Mechanism, keys: MechanismChoice['keys']): string | undefined {
    if (needs === 'nothing' || needs === 'lot') {
        return keys === undefined ? undefined : `${name} has no keys`;
    }
    if (keys === undefined || keys.every(({ weight }) => weight === 0n)) {
        return `${name} needs keys, at least one above zero`;
    }
    const odd = keys.find(({ producer }) => (producer !== undefined) !== (needs === 'matrix'));
    if (odd !== undefined) {
        return `the key of ${odd.consumer} names ${odd.producer === undefined ? 'no' : 'a'} producer`;
    }
    const places = keys.map(keyPlace);
    const twice = places.find((place, i) => places.indexOf(place) !== i);
    return twice === undefined ? undefined : `${twice} has two keys`;
}

/** As a rule looks keys up: the consumer, or `producer/consumer`. */
export const keyPlace = ({ producer, consumer }: AllocationShare): string =>
    producer === undefined ? consumer : `${producer}/${consumer}`;
