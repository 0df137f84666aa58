import { join } from 'node:path';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { HouseholdAgent } from '../../household/agent';
import { HomeMoney } from '../../household/home-money';
import { KeptOrders } from '../../household/kept-orders';
import { Accounts } from '../../market/accounts';
import { termsOn } from '../../day/trading-day';
import type { ForecastKind } from '../../schedule/forecast/kinds';
import { orderLimits } from '../decision';
import type { HomeDay } from '../meter-feed';
import type { OwnMember } from '../own-member';
import { DEFAULTS, type AgentPreferences } from '../preferences';

/** What the household has stated to its agent; where it has not, what the community's file says of it, and the forecast that the agent was started with. */
export function preferencesOf({ store, organisation }: OwnMember, forecast: ForecastKind): AgentPreferences {
    const { buyLimitMicrosPerKwh = 0, sellLimitMicrosPerKwh = 0 } = organisation.home?.preferences ?? {};
    return (
        store.preferences.read() ?? {
            ...DEFAULTS,
            forecast,
            sources: [...DEFAULTS.sources],
            buyUpTo: BigInt(buyLimitMicrosPerKwh),
            sellFrom: BigInt(sellLimitMicrosPerKwh),
        }
    );
}

/** Where the agent keeps what it has ordered on a day. By the owner's key: another network's orders open none of this one. */
export const keptOrders = ({ layout, organisation, access }: OwnMember, day: string): KeptOrders =>
    new KeptOrders(join(layout.agentFolder(organisation.id), `orders-${day}-${access.keys.fingerprint}.jsonl`));

export interface HouseholdDayParts {
    readonly charter: Charter;
    readonly day: HomeDay;
    readonly kept: KeptOrders;
    readonly preferences: AgentPreferences;
}

/** The household's agent for a day, with what its meter has of the day now. */
export function householdAgentOf(
    own: OwnMember,
    { charter, day, kept, preferences }: HouseholdDayParts,
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
        day,
        money: charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined,
    });
}
