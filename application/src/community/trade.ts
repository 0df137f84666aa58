import { localDay, slot } from '@commonwatt/chaincode/domain/slot';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { dayAheadOn } from '@commonwatt/chaincode/domain/schedule/terms';
import { InputError } from '../data/input-error';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import { CommitteeAgents } from '../day/committee-agents';
import { FeederAgent } from '../day/feeder-agent';
import type { MemberGateway } from '../gateway/member-gateway';
import { GridOperatorAgent } from '../day/grid-operator';
import { SilentHouseholds } from '../day/silent-households';
import { tradeRounds } from '../day/rounds';
import { TradingDay, type AheadOfDay, type DayPlan, type DayProgress, type DayResult } from '../day/trading-day';
import { ContractsOfDay, type Trader } from '../storage/contracts-of-day';
import { HouseholdAgent, type AgentParts } from '../household/agent';
import { ReturningHousehold } from '../household/returning';
import { HomeMoney } from '../household/home-money';
import { Accounts } from '../market/accounts';
import { KeptOrders } from '../household/kept-orders';
import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import { join } from 'node:path';
import { isActiveOn } from './admission';
import { dayAhead, forecastFrom, ownScheduledDay } from './day-ahead';
import type { CommunityMembers, MemberAccess } from './members';
import { untilStill } from './stillness';

export interface TradeRequest {
    readonly charter: Charter;
    readonly metered: MeterDay;
    /** What really flowed, where meters count something else. */
    readonly actual?: MeterDay | undefined;
    /** The day as agents expect it, where that is not what will come. */
    readonly expected?: MeterDay | undefined;
    readonly progress: DayProgress;
    /** Where the day is agreed on ahead: how far that is. */
    readonly reportAhead?: ((what: string) => void) | undefined;
    /** Homes whose agents do nothing on the day, as if their peers were silent. */
    readonly silent?: readonly string[] | undefined;
    /** Homes whose agents order, and then do not open what they have ordered. */
    readonly withholding?: readonly string[] | undefined;
}

/** What a household's agent is told of a day. */
type DayData = Pick<TradeRequest, 'charter' | 'metered' | 'expected'> & Partial<TradeRequest>;

const gatewaysOf = ({ operator, households }: CommunityMembers): MemberGateway[] =>
    [operator, ...households].map(({ calls }) => calls.gateway);

/** Lets the whole community trade a day of meter data. What is on the ledger of that day already stays. */
export function tradeDay(members: CommunityMembers, request: TradeRequest): Promise<DayResult> {
    const { charter, metered, progress, silent = [] } = request;
    assertSameClock(charter, metered);
    const active = members.households.filter(({ calls }) => isActiveOn(charter, calls.mspId, metered.day));
    const isSilent = ({ organisation }: MemberAccess): boolean => silent.includes(organisation.id);
    return new TradingDay({
        day: metered.day,
        charter,
        progress,
        untilStill: () => untilStill(gatewaysOf(members)),
        operator: operatorAgent(members, charter),
        contracts: contractsOfDay(members, request),
        ahead: aheadOfDay(members, request),
        feeder: feederOf(members, request, active),
        committee: committeeAgents(members, charter),
        households: active
            .filter((member) => !isSilent(member))
            .map((member) => householdAgent(members, member, request)),
        silent: {
            agent: new SilentHouseholds(members.operator.calls, members.operator.keys, charter),
            households: active
                .filter(isSilent)
                .map(({ organisation, calls }) => ({ home: organisation.id, mspId: calls.mspId })),
        },
    }).run();
}

/** Undefined where the community trades the day by auction alone. */
function aheadOfDay(members: CommunityMembers, request: TradeRequest): AheadOfDay | undefined {
    const { charter, metered, expected = metered, silent, reportAhead = () => undefined } = request;
    const { day } = metered;
    const forecast = forecastFrom(expected);
    return dayAheadOn(charter.dayAhead, day) === undefined
        ? undefined
        : {
              agree: async () =>
                  (await dayAhead(members, { charter, day, forecast, silent, report: reportAhead })).run(),
              ofHome: (mspId, outcome) => ownScheduledDay(members, mspId, outcome, forecast),
          };
}

/** The feeder's meter is simulated, so it is told what the members' meters do not say. */
function feederOf(
    { operator }: CommunityMembers,
    { metered, actual = metered, silent = [] }: TradeRequest,
    active: readonly MemberAccess[],
): DayPlan['feeder'] {
    const silentWh = active
        .filter(({ organisation }) => silent.includes(organisation.id))
        .map(({ organisation, calls }) => [calls.mspId, netsOf(registersOf(actual, organisation.id))] as const);
    const counting = active.filter(({ organisation }) => !silent.includes(organisation.id));
    const unmeteredWh = counting.map(({ organisation: { id } }) => {
        const counted = netsOf(registersOf(metered, id));
        return netsOf(registersOf(actual, id)).map((wh, index) => wh - (counted[index] ?? 0n));
    });
    return { agent: new FeederAgent(operator.calls, operator.keys), silentWh: new Map(silentWh), unmeteredWh };
}

/** One round of a day that is open: the orders of these households, and its result. */
export async function tradeRound(
    members: CommunityMembers,
    slot: number,
    households: readonly HouseholdAgent[],
    charter: Charter,
): Promise<RoundRecord> {
    const operator = operatorAgent(members, charter);
    const traded = await tradeRounds([await operator.round(slot)], {
        charter,
        committee: committeeAgents(members, charter),
        households,
        isFresh: false,
        markers: (each) => operator.orderMarkers(each),
        sealed: (from, to) => operator.sealedOrders(from, to),
        report: () => undefined,
    });
    const [round] = traded.rounds;
    if (round === undefined || traded.refused.length > 0) {
        throw new Error(`the round of slot ${slot} refused ${traded.refused.join(', ')}`);
    }
    return round;
}

export const operatorAgent = (members: CommunityMembers, charter: Charter): GridOperatorAgent =>
    new GridOperatorAgent(members.operator.calls, charter);

/** Of all households that run here: any of them may have a seat. */
export function committeeAgents(members: CommunityMembers, charter: Charter): CommitteeAgents {
    const households = members.households.map(({ calls }) => calls);
    return new CommitteeAgents(households, charter);
}

export const householdAgent = (members: CommunityMembers, member: MemberAccess, request: DayData): HouseholdAgent =>
    new HouseholdAgent(agentParts(members, member, request));

/** A household that was silent and is back. */
export function returningHousehold(
    members: CommunityMembers,
    member: MemberAccess,
    request: DayData,
): ReturningHousehold {
    const parts = agentParts(members, member, request);
    return new ReturningHousehold(parts, new HouseholdAgent(parts));
}

function agentParts(
    members: CommunityMembers,
    { organisation, calls, keys, meter }: MemberAccess,
    { charter, metered, expected = metered, withholding = [] }: DayData,
): AgentParts {
    const { id, home } = organisation;
    if (home === undefined || meter === undefined) {
        throw new Error(`${id} is not a household`);
    }
    const registers = registersOf(metered, id);
    return {
        home: id,
        withholds: withholding.includes(id),
        operator: members.operator.calls.mspId,
        charter,
        calls,
        keys,
        meter,
        // By the owner's key: what another network's agent left in the folder opens no order of this one.
        kept: new KeptOrders(join(members.layout.agentFolder(id), `orders-${metered.day}-${keys.fingerprint}.jsonl`)),
        preferences: {
            buyLimit: BigInt(home.preferences.buyLimitMicrosPerKwh),
            sellLimit: BigInt(home.preferences.sellLimitMicrosPerKwh),
        },
        day: {
            day: metered.day,
            firstSlot: metered.firstSlot,
            registers,
            expectedWh: netsOf(registersOf(expected, id)),
        },
        money: charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined,
    };
}

/** Who may store, sell and buy on the day, each with what it expects of it. */
export function contractsOfDay(
    members: CommunityMembers,
    { charter, metered, expected = metered, silent = [] }: TradeRequest,
): ContractsOfDay {
    const traders = members.households
        .filter(({ calls }) => isActiveOn(charter, calls.mspId, metered.day))
        .filter(({ organisation }) => !silent.includes(organisation.id))
        .map(({ organisation: { id }, calls, keys }): Trader => {
            const expectedWh = netsOf(registersOf(expected, id));
            return { mspId: calls.mspId, calls, keys, expectedWh };
        });
    const { day, firstSlot } = metered;
    return new ContractsOfDay({ day, firstSlot, charter, operator: members.operator.calls.mspId, traders });
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
