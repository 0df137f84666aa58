import { localDay, slot } from '@commonwatt/chaincode/domain/slot';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { InputError } from '../data/input-error';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import { GridOperatorAgent } from '../day/grid-operator';
import { TradingDay, type DayProgress, type DayResult } from '../day/trading-day';
import { HouseholdAgent } from '../household/agent';
import { HomeMoney } from '../household/home-money';
import { Accounts } from '../market/accounts';
import { isActiveOn } from './admission';
import type { CommunityMembers, MemberAccess } from './members';
import { untilStill } from './stillness';

export interface TradeRequest {
    readonly charter: Charter;
    readonly metered: MeterDay;
    /** Where given, agents expect of each slot what it brought the day before. */
    readonly before?: MeterDay | undefined;
    readonly progress: DayProgress;
}

/** Lets the whole community trade a day of meter data. What is on the ledger of that day already stays. */
export function tradeDay(members: CommunityMembers, request: TradeRequest): Promise<DayResult> {
    const { charter, metered, progress } = request;
    assertSameClock(charter, metered);
    return new TradingDay({
        day: metered.day,
        charter,
        progress,
        untilStill: () => untilStill([members.operator, ...members.households].map(({ calls }) => calls.gateway)),
        operator: operatorAgent(members, charter),
        households: members.households
            .filter(({ calls }) => isActiveOn(charter, calls.mspId, metered.day))
            .map((member) => householdAgent(members, member, request)),
    }).run();
}

export function operatorAgent(members: CommunityMembers, charter: Charter): GridOperatorAgent {
    const households = members.households.map(({ calls }) => calls);
    return new GridOperatorAgent(members.operator.calls, charter, households);
}

export function householdAgent(
    members: CommunityMembers,
    { organisation, calls, keys, meter }: MemberAccess,
    { charter, metered, before }: TradeRequest,
): HouseholdAgent {
    const { id, home } = organisation;
    if (home === undefined || meter === undefined) {
        throw new Error(`${id} is not a household`);
    }
    const registers = registersOf(metered, id);
    return new HouseholdAgent({
        home: id,
        operator: members.operator.calls.mspId,
        charter,
        calls,
        keys,
        meter,
        preferences: {
            buyLimit: BigInt(home.preferences.buyLimitMicrosPerKwh),
            sellLimit: BigInt(home.preferences.sellLimitMicrosPerKwh),
        },
        day: {
            day: metered.day,
            firstSlot: metered.firstSlot,
            registers,
            expectedWh: netsOf(before === undefined ? registers : registersOf(before, id)),
        },
        money: charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined,
    });
}

/** Slots are counted from the same midnight by the data and by the community. */
function assertSameClock(charter: Charter, { day, zone, firstSlot, slotCount }: MeterDay): void {
    const clock = charter.clock.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) }));
    const { first, count } = localDay(day, clock);
    if (Number(first) !== firstSlot || count !== slotCount) {
        const offsets = charter.clock.map(({ offsetMinutes }) => `${offsetMinutes} minutes`).join(', ');
        const why = `the data's clock (${zone}) is not the community's, which is ${offsets} ahead of UTC on that day`;
        throw new InputError({ file: '--zone' }, `${why}; say --zone as the community has it, or found another`);
    }
}
