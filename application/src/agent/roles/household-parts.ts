import { join } from 'node:path';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { HouseholdAgent } from '../../household/agent';
import { HomeMoney } from '../../household/home-money';
import { KeptOrders } from '../../household/kept-orders';
import { Accounts } from '../../market/accounts';
import { termsOn } from '../../day/trading-day';
import type { ForecastKind } from '../../schedule/forecast/kinds';
import { batteryPlan, withBatteries, type BatteryPlan } from '../battery-plan';
import { orderLimits } from '../decision';
import type { HomeDay } from '../meter-feed';
import type { OwnMember } from '../own-member';
import { DEFAULTS, type AgentPreferences } from '../preferences';

/**
 * What the household has stated to its agent, as it was when the agent first acted on the day; where it has not, what the community's file says of it, and
 * the forecast that the agent was started with.
 */
export function preferencesOf(
    { store, organisation }: OwnMember,
    day: string,
    forecast: ForecastKind,
): AgentPreferences {
    const { buyLimitMicrosPerKwh = 0, sellLimitMicrosPerKwh = 0 } = organisation.home?.preferences ?? {};
    const stated = store.preferences.read() ?? {
        ...DEFAULTS,
        forecast,
        sources: [...DEFAULTS.sources],
        buyUpTo: BigInt(buyLimitMicrosPerKwh),
        sellFrom: BigInt(sellLimitMicrosPerKwh),
    };
    return store.preferences.ofDay(day, stated);
}

/** Where the agent keeps what it has ordered on a day. By the owner's key: another network's orders open none of this one. */
export const keptOrders = ({ layout, organisation, access }: OwnMember, day: string): KeptOrders =>
    new KeptOrders(join(layout.agentFolder(organisation.id), `orders-${day}-${access.keys.fingerprint}.jsonl`));

export interface HouseholdDayParts {
    readonly charter: Charter;
    readonly day: HomeDay;
    readonly kept: KeptOrders;
    readonly preferences: AgentPreferences;
    /** What its batteries do. */
    readonly plan: BatteryPlan;
}

/** On days that are traded in rounds. A schedule has its own plan. */
export function planOf({ organisation }: OwnMember, { expectedWh }: HomeDay, stated: AgentPreferences): BatteryPlan {
    return batteryPlan(expectedWh, organisation.home?.batteries ?? [], stated.batteryReservePercent);
}

/** What is left to trade, and what the meter shows: a replay's knows nothing of batteries. */
const withPlan = (day: HomeDay, plan: BatteryPlan): HomeDay => ({
    ...day,
    expectedWh: day.expectedWh.map((netWh, slot) => netWh + (plan[slot] ?? 0n)),
    registers: day.isReplay ? withBatteries(day.registers, plan) : day.registers,
});

/** The household's agent for a day, with what its meter has of the day now. */
export function householdAgentOf(
    own: OwnMember,
    { charter, day, kept, preferences, plan }: HouseholdDayParts,
): HouseholdAgent {
    const { organisation, access, operator } = own;
    const { calls, keys, meter } = access;
    if (meter === undefined) {
        throw new Error(`${organisation.id} is not a household`);
    }
    return new HouseholdAgent({
        home: organisation.id,
        operator,
        charter,
        calls,
        keys,
        meter,
        kept,
        preferences: orderLimits(preferences, termsOn(charter, day.day)),
        day: withPlan(day, plan),
        money: charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined,
    });
}
